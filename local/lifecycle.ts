/** The life of the one-machine platform: checks, start, provisioning, ready, and the orderly end. */
import type { LocalConfig } from '../config.ts'
import type { Report } from '../scripts/bootstrap/progress.mjs'
import { buildFunctions, buildWeb } from './builds.ts'
import { demoPassword, people } from './identity/people.ts'
import { ensureReceiptKey } from './receipts/key.ts'
import { type Part, platformParts } from './services/index.ts'
import { checkBrokers } from './services/kafka.ts'
import { ensureTools } from './setup/tools.ts'
import { prepareHome, resetData, warnIfScarce } from './supervisor/home.ts'
import { lockHome } from './supervisor/lock.ts'
import { keepLogsShort } from './supervisor/log-rotation.ts'
import type { Options } from './supervisor/options.ts'
import { checkPorts } from './supervisor/ports.ts'
import { type ServiceName, serviceNames } from './supervisor/service.ts'
import { onStopRequest } from './supervisor/signals.ts'
import { stopStale } from './supervisor/stale.ts'
import { createSupervisor, type Supervisor } from './supervisor/supervisor.ts'

/**
 * Starts the chosen parts and returns once they are ready; they are kept up until the process is told to stop.
 * @throws StartError, ConfigError or CommandError with a message for people; nothing is left running
 */
export async function startPlatform(config: LocalConfig, options: Options, report: Report): Promise<void> {
  const { home } = config
  await prepareHome(home)
  await lockHome(home)
  await ensureReceiptKey(home)
  for (const name of await stopStale(home)) report.line(`stopped ${name}, left over from an earlier run`)
  const scarce = await warnIfScarce(home)
  if (scarce) report.line(scarce)
  await keepLogsShort(home, (error) => report.line(`the logs could not be rotated (${error.message})`))

  const supervisor = createSupervisor({ home, say: report.line, restartAtOnce: options.restartAtOnce })
  onStopRequest({ supervisor, say: report.line })
  const tools = await ensureTools(config, report)
  const parts = platformParts(config, tools).filter(({ name }) => options.only.includes(name))
  if (options.reset) await reset(parts, report)
  if (options.only.includes('kafka')) checkBrokers(config)
  await checkPorts(
    parts.map(({ service }) => service),
    config.ports,
  )

  try {
    const builds = Promise.all([
      needs(parts, functionParts) && buildFunctions(report),
      needs(parts, ['gateway']) && buildWeb(report),
    ])
    await Promise.all([builds, bringUp(supervisor, parts, 1, report)])
    await bringUp(supervisor, parts, 2, report)
  } catch (error) {
    await supervisor.stop()
    throw error
  }
  announce(config, parts, options, report)
}

/** Parts that run functions. */
const functionParts: readonly ServiceName[] = ['gateway', 'triggers', 'schedule']
const needs = (parts: readonly Part[], names: readonly ServiceName[]) => parts.some(({ name }) => names.includes(name))

async function reset(parts: readonly Part[], report: Report): Promise<void> {
  const removed = await resetData(parts.flatMap(({ service }) => service.dataFolders))
  report.line(removed.length > 0 ? `removed ${removed.join(', ')}` : 'there was no data to remove')
}

async function bringUp(supervisor: Supervisor, parts: readonly Part[], group: number, report: Report): Promise<void> {
  await Promise.all(
    parts
      .filter((part) => part.group === group)
      .map(async ({ service, provision }) => {
        const step = report.step(service.name)
        try {
          await supervisor.start(service, group)
          const changes = await provision?.()
          step.done(changes?.join(', '))
        } catch (error) {
          step.fail()
          throw error
        }
      }),
  )
}

function announce(config: LocalConfig, parts: readonly Part[], { only }: Options, report: Report): void {
  if (only.length < serviceNames.length) {
    process.stdout.write(
      `ready ${parts.map(({ name, address }) => `${name}${address ? `=${address}` : ''}`).join(' ')}\n`,
    )
    return
  }
  process.stdout.write(`ready ${config.urls.gateway}\n`)
  const names = people.map(({ email, group }) => `${email} (${group})`).join(', ')
  report.line(`Sign in as ${names}; the password is ${demoPassword}.`)
  report.line(`Logs: ${config.home}/logs. Ctrl-C stops everything; the data stays.`)
}
