/** Process of the local platform: the OpenID provider on loopback. Stands in for Amazon Cognito. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Logger } from '@aws-lambda-powertools/logger'
import { localConfig } from '../../config.ts'
import { ensureKeys } from './keys.ts'
import { createProvider } from './provider.ts'
import { createIdentityServer } from './server.ts'
import { openSessions } from './sessions.ts'

const config = localConfig()
const logger = new Logger({ serviceName: 'identity', logLevel: config.logLevel })

// People type either name of the loopback interface.
const origins = [config.urls.gateway, `http://localhost:${config.ports.gateway}`]
const keys = await ensureKeys(config.home)
const sessions = openSessions(config.home)
const provider = createProvider({
  issuer: config.urls.identity,
  origins,
  keys,
  adapter: sessions.adapter,
  cookieKeys: [sessions.secret('cookies', () => randomBytes(32).toString('base64url'))],
})
provider.on('server_error', (_ctx, error) => logger.error('The provider failed', error))
const server = createIdentityServer(provider, origins, (event, details) => logger.info(event, { ...details }))

let stopping = false
function stop() {
  if (stopping) return
  stopping = true
  logger.info('Stopping')
  server.close(() => {
    sessions.close()
    process.exit(0)
  })
  server.closeAllConnections()
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)

server.listen(config.ports.identity, '127.0.0.1')
try {
  await once(server, 'listening')
} catch (error) {
  logger.error(`Cannot listen on port ${config.ports.identity}; set DARKROOM_IDENTITY_PORT`, error as Error)
  process.exit(1)
}
logger.info('Ready', { issuer: config.urls.identity })
process.send?.({ type: 'ready' })
