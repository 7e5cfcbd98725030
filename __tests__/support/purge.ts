/** Runs of the purge against stores of a test's own. */
import { expect } from 'vitest'
import { runPurge } from '../../functions/purge/purge.ts'
import type { PurgeParts } from '../../functions/purge/work.ts'
import { everythingIn, rowsIn } from './images.ts'
import type { Stores } from './stores.ts'

export const day = 86_400_000
export const always = () => true
export const inEightDays = () => Date.now() + 8 * day

export const purgeParts = (stores: Stores, given: Partial<PurgeParts> = {}): PurgeParts => ({
  ...stores,
  clock: Date.now,
  logger: { info() {}, warn() {} },
  codeVersion: 'test',
  ...given,
})

/** @param given parts that a test replaces, e.g. by a lake that fails */
export const purge = (stores: Stores, now: number, given: Partial<PurgeParts> = {}, hasTime = always) =>
  runPurge(purgeParts(stores, given), now, hasTime)

/** Everything in the lake but the records of runs and the receipts. */
export const imagesLeft = async (stores: Stores): Promise<string[]> =>
  (await everythingIn(stores)).filter((key) => !/^(runs|receipts)\//.test(key))

/** The ids of what a test made must be nowhere: in no key, no row, no record. */
export async function expectNoTrace(stores: Stores, ...ids: readonly string[]): Promise<void> {
  const keys = await everythingIn(stores)
  const rows = JSON.stringify(await rowsIn(stores))
  const records = await Promise.all(keys.map(async (key) => Buffer.from((await stores.lake.get(key)) ?? []).toString()))
  for (const id of ids) {
    expect(keys.filter((key) => key.includes(id))).toEqual([])
    expect(rows).not.toContain(id)
    expect(records.join()).not.toContain(id)
  }
}
