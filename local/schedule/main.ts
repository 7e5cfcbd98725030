/** Process of the local platform: calls functions by the clock. Stands in for Amazon EventBridge's scheduled rules. */
import { existsSync } from 'node:fs'
import { Logger } from '@aws-lambda-powertools/logger'
import { localConfig } from '../../config.ts'
import { parseRate } from '../../functions/shared/rate.ts'
import { functions, resourceName, schedules } from '../../platform.ts'
import { bundleFile } from '../../scripts/bundle.ts'
import { createFunctionHost, type FunctionHost } from '../lambda/host.ts'
import { failure } from '../lambda/result.ts'
import { serveControl } from '../triggers/control.ts'
import { controlSocket } from '../triggers/socket.ts'
import { controlApp, type RunScheduled, type ScheduledName } from './control.ts'
import { scheduledEvent } from './event.ts'
import { startTicker } from './ticker.ts'

/** What was left undone while the machine was off is caught up soon, once the rest has come up. */
const firstMs: Record<ScheduledName, number> = { republish: 3_000, purge: 10_000, measure: 1_000 }
/** The supervisor kills after six seconds; what is cut off is resumed by the next run. */
const stopMs = 4_000

const config = localConfig()
const logger = new Logger({ serviceName: 'schedule', logLevel: config.logLevel })

const names = Object.keys(schedules) as ScheduledName[]
const hosts = new Map<ScheduledName, FunctionHost>()
for (const name of names) {
  if (!existsSync(bundleFile(name))) {
    logger.warn('The function has not been bundled: npm run build', { function: name })
    continue
  }
  // A call as of another moment waits for the one that is going on, however long that takes.
  const queueWaitMs = functions[name].timeoutSeconds * 1000
  // One at a time: as in AWS, where its reserved concurrency is one.
  hosts.set(name, createFunctionHost(name, { config, queueWaitMs, concurrency: 1, log: logLine }))
}

const run: RunScheduled = async (name, time) => {
  const host = hosts.get(name)
  if (!host) return failure('Throttled', 'FunctionNotBuilt', `The function ${name} has not been bundled: npm run build`)
  const event = scheduledEvent(time, config.region, resourceName(config.environment, name))
  const start = performance.now()
  const result = await host.invoke(event, { requestId: event.id })
  const details = { function: name, time: event.time, ms: Math.round(performance.now() - start), requestId: event.id }
  if (result.ok) logger.info('run finished', { ...details, result: result.payload as never })
  else logger.error('run failed', { ...details, kind: result.kind, ...result.error })
  return result
}

const control = await serveControl(controlApp(run), controlSocket(config.home, 'schedule'))
await Promise.all([...hosts.values()].map(({ warm }) => warm))
const tickers = [...hosts.keys()].map((name) =>
  startTicker({
    everyMs: parseRate(schedules[name]),
    firstMs: firstMs[name],
    call: async () => {
      // A run that fails has been logged; the next tick tries again.
      await run(name, Date.now())
    },
    onError: (error) => logger.error('run failed', { function: name, error: error as Error }),
  }),
)

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  logger.info('stopping')
  for (const ticker of tickers) ticker.stop()
  await Promise.all([...hosts.values()].map((host) => host.stop(stopMs)))
  await control.close()
  process.exit(0)
}
for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, stop)

logger.info('running', { schedules })
process.send?.({ type: 'ready' })

function logLine({ level, message, ...details }: Record<string, unknown>): void {
  const write = { ERROR: logger.error, WARN: logger.warn }[String(level)] ?? logger.info
  write.call(logger, String(message), details as never)
}
