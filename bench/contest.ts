/** Contenders doing the same work in turn, so that whatever else the machine does hits all of them alike. */

export type Measurement = {
  /** Milliseconds. */
  readonly wall: number
  /** Milliseconds of this process, all threads, and of what the caller counts besides. */
  readonly cpu: number
}

export type Result = { readonly name: string; readonly rounds: readonly Measurement[] }

/**
 * Runs each contender once to warm up, then so many rounds, each beginning with another contender.
 * @param onRound is told how far it is
 * @param cpuElsewhere milliseconds of CPU time that other processes have used for it by now
 */
export async function contest(
  contenders: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
  onRound: (round: number) => void = () => {},
  cpuElsewhere: () => number = () => 0,
): Promise<Result[]> {
  const entries = Object.entries(contenders)
  for (const [, work] of entries) await work()
  const measured = entries.map(([name]) => ({ name, rounds: [] as Measurement[] }))
  for (let round = 0; round < rounds; round += 1) {
    onRound(round + 1)
    for (let turn = 0; turn < entries.length; turn += 1) {
      const n = (round + turn) % entries.length
      measured[n]?.rounds.push(await measure(entries[n]?.[1] as () => Promise<unknown>, cpuElsewhere))
    }
  }
  return measured
}

async function measure(work: () => Promise<unknown>, cpuElsewhere: () => number): Promise<Measurement> {
  const [started, before, elsewhere] = [performance.now(), process.cpuUsage(), cpuElsewhere()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wall: performance.now() - started, cpu: (user + system) / 1000 + cpuElsewhere() - elsewhere }
}

export type Summary = { readonly median: number; readonly least: number; readonly most: number }

/** @throws RangeError for an empty list */
export function summary(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('There is nothing to summarize')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median =
    sorted.length % 2 === 1
      ? (sorted[middle] as number)
      : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
  return { median, least: sorted[0] as number, most: sorted.at(-1) as number }
}

/**
 * How fast `ours` is against `theirs`, 1 being as fast: by pairs of the same round, so that a busy spell of the
 * machine weighs on both sides.
 */
export const ratio = (ours: Result, theirs: Result, by: keyof Measurement): Summary =>
  summary(ours.rounds.map((round, n) => (theirs.rounds[n]?.[by] ?? Number.NaN) / round[by]))

/** @throws Error for a name that did not take part */
export function named(results: readonly Result[], name: string): Result {
  const found = results.find((result) => result.name === name)
  if (!found) throw new Error(`Nothing was measured for ${name}`)
  return found
}
