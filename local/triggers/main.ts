/**
 * The process that runs the triggers: reads the topic, invokes the processor's processes, listens to its control.
 * Says `{ type: 'ready' }` to its parent when the trigger reads (or is disabled); ends on SIGTERM, SIGINT, and when
 * the parent is gone.
 */
import { type LocalConfig, localConfig } from '../../config.ts'
import { createFunctionHost } from '../lambda/host.ts'
import { controlApp, serveControl } from './control.ts'
import type { Log } from './dispatcher.ts'
import { createProcessTrigger, triggerName } from './process-trigger.ts'
import { socketPath } from './socket.ts'

/** Invocations that run longer than this when the platform stops are delivered again at its next start. */
const graceMs = 3_000

const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const

const createLog =
  (least: LocalConfig['logLevel']): Log =>
  (level, message, details) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return
    console.log(
      JSON.stringify({ level, timestamp: new Date().toISOString(), service: 'triggers', message, ...details }),
    )
  }

const config = localConfig()
const log = createLog(config.logLevel)
const host = createFunctionHost('process', {
  config,
  log: ({ level, message, ...rest }) => log(level as 'INFO', String(message), rest),
})
const trigger = await createProcessTrigger(config, {
  invoke: (event, requestId) => host.invoke(event, { requestId }),
  log,
})
const control = await serveControl(controlApp(new Map([[triggerName, trigger]])), socketPath(config.home))

let stopping = false
async function stop(why: string): Promise<void> {
  if (stopping) return
  stopping = true
  log('INFO', 'stopping', { why })
  await control.close()
  await trigger.stop(graceMs)
  await host.stop(0)
  process.exit(0)
}
process.once('SIGTERM', () => stop('SIGTERM'))
process.once('SIGINT', () => stop('SIGINT'))
process.once('disconnect', () => stop('the parent is gone'))

trigger.start()
trigger.ready().then(
  () => process.send?.({ type: 'ready' }),
  () => {},
)
