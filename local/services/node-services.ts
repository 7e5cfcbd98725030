/**
 * The platform's own processes. Each is a TypeScript file that Node runs directly, prints JSON lines only, ends on
 * SIGTERM, and ends when its channel to the supervisor closes.
 */
import { join } from 'node:path'
import { environmentWith, type LocalConfig } from '../../config.ts'
import { heapOption } from '../heap.ts'
import type { Service } from '../supervisor/service.ts'
import { controlSocket } from '../triggers/socket.ts'
import { answersAtAll } from './answers.ts'

const local = join(import.meta.dirname, '..')
const identityMain = join(local, 'identity', 'main.ts')
const gatewayMain = join(local, 'gateway', 'main.ts')
const triggersMain = join(local, 'triggers', 'main.ts')
const scheduleMain = join(local, 'schedule', 'main.ts')

/** The OpenID provider; stands in for Amazon Cognito. */
export const identityService = (config: LocalConfig): Service => ({
  ...nodeService('identity', identityMain, config),
  ports: ['identity'],
  probe: () => answersOk(`${config.urls.identity}/.well-known/openid-configuration`),
  alive: () => answersAtAll({ url: `${config.urls.identity}/.well-known/openid-configuration` }),
})

/** Answers 200 only when what an upload needs answers too; stands in for Amazon API Gateway. */
export const gatewayService = (config: LocalConfig): Service => ({
  ...nodeService('gateway', gatewayMain, config, [heapOption()]),
  ports: ['gateway'],
  probe: () => answersOk(`${config.urls.gateway}/healthz`),
  // Something that needs nobody else: what hangs behind the gateway is no fault of the gateway's.
  alive: () => answersAtAll({ url: `${config.urls.gateway}/config.json` }),
})

/** Feeds the processor from the topic; stands in for Lambda's event source mapping. */
export const triggersService = (config: LocalConfig): Service => ({
  ...nodeService('triggers', triggersMain, config),
  // What was changed about the triggers from the console; `--reset` forgets it.
  dataFolders: [join(config.home, 'data', 'triggers')],
  alive: () => answersAtAll({ socketPath: controlSocket(config.home, 'triggers') }),
})

/** Calls the sweep and the purge by the clock; stands in for EventBridge. */
export const scheduleService = (config: LocalConfig): Service => ({
  ...nodeService('schedule', scheduleMain, config),
  alive: () => answersAtAll({ socketPath: controlSocket(config.home, 'schedule') }),
})

function nodeService(
  name: string,
  file: string,
  { home, brokers }: LocalConfig,
  nodeOptions: readonly string[] = [],
): Service {
  return {
    name,
    ports: [],
    dataFolders: [],
    channel: true,
    startLimitMs: 90_000,
    // A function may be in the middle of an image; what is cut off is delivered again.
    stopLimitMs: 6_000,
    // `--home` is for people: `ps` shows whose process this is.
    prepare: async () => ({
      file: process.execPath,
      args: [...nodeOptions, file, `--home=${home}`],
      // The number of brokers may have been said on the command line, which the processes do not see.
      env: environmentWith({ DARKROOM_BROKERS: String(brokers) }),
    }),
  }
}

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  await response.body?.cancel()
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`)
}
