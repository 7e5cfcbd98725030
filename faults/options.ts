/** The command line of `npm run faults`. */
import { parseArgs } from 'node:util'
import { bugNames } from './planted/bugs.ts'

export const help = `Breaks the platform on purpose, and checks that nothing acknowledged is lost and nothing erased comes back.

  npm run faults -- [--kills N] [--seed N]        kills and other faults, drawn from the seed, while clients upload
  npm run faults -- --planted all|NAME[,NAME]     plants known bugs, one after the other: each must be caught
  npm run faults -- --list                        the bugs that can be planted

  --kills N   SIGKILLs, at parts and at the step boundaries of functions (default 50); other faults come on top
  --seed N    a whole number (default 1); the same seed draws the same schedule
  --people N  clients that upload at the same time (default 3)
  --plan      prints the schedule and does nothing
  --help      this text

Ends with 0 when nothing was found (and, with --planted, every bug was caught), with 1 when something was, with 2 when
the run could not be made. It starts a platform of its own, with its own folder and ports. See docs/faults.md.`

/** The arguments do not fit; nothing has been started. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly retriable = false
}

export type FaultOptions =
  | { readonly mode: 'help' | 'list' }
  | { readonly mode: 'plan' | 'run'; readonly kills: number; readonly seed: number; readonly people: number }
  | { readonly mode: 'planted'; readonly names: readonly string[]; readonly seed: number }

/** @throws UsageError */
export function readOptions(args: readonly string[]): FaultOptions {
  const values = parse(args)
  if (values.help) return { mode: 'help' }
  if (values.list) return { mode: 'list' }
  const seed = whole('--seed', values.seed ?? '1', 0)
  if (values.planted !== undefined) {
    if (values.kills !== undefined) throw new UsageError('--planted brings its own faults: leave --kills out')
    return { mode: 'planted', names: namesOf(values.planted), seed }
  }
  const kills = whole('--kills', values.kills ?? '50', 1)
  return { mode: values.plan ? 'plan' : 'run', kills, seed, people: whole('--people', values.people ?? '3', 1) }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kills: { type: 'string' },
        seed: { type: 'string' },
        people: { type: 'string' },
        planted: { type: 'string' },
        plan: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(`${name} takes a whole number from ${least} on`)
  return value
}

function namesOf(list: string): readonly string[] {
  if (list === 'all') return bugNames
  const names = list.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !bugNames.includes(name))
  if (unknown.length > 0) throw new UsageError(`There is no planted bug ${unknown.join(', ')}; see --list`)
  return names
}
