/** The command line of `npm start`. */
import { parseArgs } from 'node:util'
import { UsageError } from './errors.ts'
import { type ServiceName, serviceNames } from './service.ts'

export const help = `Usage: npm start [-- options]

Starts the whole platform on this machine and keeps it up until Ctrl-C.

  --reset         first empties the stored data (images, rows, topics); logs and sign-in keys stay
  --only <names>  starts only these parts: ${serviceNames.join(',')}
  --brokers <n>   1, or 3 with every partition on each: one may be lost (remembered by nobody: say it every time)
  --restart-at-once   starts a part that ended again after 0.2 s every time, without growing pauses
  --help          shows this

Variables: DARKROOM_HOME (where everything is kept, .darkroom), DARKROOM_GATEWAY_PORT and the other
ports of config.ts, DARKROOM_LOG_LEVEL. See docs/local-platform.md.`

export type Options = {
  readonly help: boolean
  readonly reset: boolean
  /** Kafka's; undefined where the command line does not say. */
  readonly brokers: 1 | 3 | undefined
  /** No growing pauses before a part is started again: for those who kill parts on purpose. */
  readonly restartAtOnce: boolean
  /** Parts to start, in no particular order; all of them without `--only`. */
  readonly only: readonly ServiceName[]
}

/** @throws UsageError for an option or a part that does not exist */
export function readOptions(args: readonly string[]): Options {
  const { reset, only, help: wantsHelp, 'restart-at-once': restartAtOnce, brokers } = parse(args)
  if (brokers !== undefined && brokers !== '1' && brokers !== '3')
    throw new UsageError(`--brokers takes 1 or 3.\n\n${help}`)
  const names = only === undefined ? [...serviceNames] : only.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !serviceNames.includes(name as ServiceName))
  if (unknown.length > 0)
    throw new UsageError(`--only does not know ${unknown.join(', ') || 'an empty name'}.\n\n${help}`)
  return {
    help: wantsHelp,
    reset,
    restartAtOnce,
    brokers: brokersOf(brokers),
    only: [...new Set(names)] as ServiceName[],
  }
}

const brokersOf = (text: string | undefined) => (text === undefined ? undefined : text === '3' ? 3 : 1)

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        reset: { type: 'boolean', default: false },
        only: { type: 'string' },
        brokers: { type: 'string' },
        'restart-at-once': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n\n${help}`, { cause })
  }
}
