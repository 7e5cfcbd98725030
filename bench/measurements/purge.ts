/**
 * How fast a purge is beside the least that must happen: the same versions listed and deleted, a thousand a request,
 * by a loop that knows no rows, verifies nothing and leaves no receipt. And how much memory a purge of a million takes.
 */
import { join } from 'node:path'
import { DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import pMap from 'p-map'
import { createStoresOn, type Stores } from '../../__tests__/support/fresh-stores.ts'
import { imageRow } from '../../__tests__/support/images.ts'
import type { LocalConfig } from '../../config.ts'
import { recipes } from '../../functions/process/recipes.ts'
import { runPurge } from '../../functions/purge/purge.ts'
import { metadataKey, renditionKey } from '../../functions/shared/keys.ts'
import { layout, retention } from '../../platform.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import { contest, named, ratio, summary } from '../contest.ts'
import type { Figure, Measure } from '../measurement.ts'
import { startPlatform } from '../platform.ts'

const names = { ours: 'runPurge()', bare: 'bare list and DeleteObjects' } as const

/** An hour of a busy platform leaves thousands: so many for each image that `--images` says. */
const perImage = 30
/** What a deletion costs follows from the names, hardly from the bytes. */
const body = Buffer.alloc(4096, 1)
const heapGoal = { atMost: 64 }
const rowsInMemory = 1_000_000

export const measurePurge: Measure = async ({ images, rounds, concurrency, progress }) => {
  const count = images * perImage
  // No broker: a purge asks none, and an idle one takes CPU time from whoever keeps all cores busy.
  const platform = await startPlatform(['s3', 'dynamodb'])
  const filled: Stores[] = []
  try {
    for (let made = 0; made < 2 * (rounds + 1); made += 1) {
      progress(`storing ${count} images, ${made + 1} of ${2 * (rounds + 1)} times`)
      filled.push(await fillForPurge(platform.config, count, concurrency))
    }
    const untouched = [...filled]
    const results = await contest(
      {
        [names.ours]: () => purgeAll(untouched.pop() as Stores, count),
        [names.bare]: () => deleteAll(untouched.pop() as Stores),
      },
      rounds,
      (round) => progress(`round ${round}`),
    )
    const [ours, bare] = [named(results, names.ours), named(results, names.bare)]
    const rate = ({ name, rounds: measured }: typeof ours): Figure => ({
      what: `images by ${name}`,
      value: summary(measured.map(({ wall }) => (count * 1000) / wall)),
      unit: 'a second',
    })
    const against = {
      what: `${names.ours} against ${names.bare}`,
      value: ratio(ours, bare, 'wall'),
      unit: '×',
    } as const
    progress(`${rowsInMemory} rows`)
    return [rate(ours), rate(bare), { ...against, goal: { atLeast: 0.8 } }, await heapGrowth(rowsInMemory)]
  } finally {
    for (const stores of filled) await stores.close()
    await platform.stop()
  }
}

/** Fresh stores with so many images as processing leaves them. */
export async function fillForPurge(config: LocalConfig, count: number, concurrency = 8): Promise<Stores> {
  const stores = await createStoresOn(config)
  await pMap(Array.from({ length: count }), () => storeProcessed(stores), { concurrency })
  return stores
}

/** An image as processing leaves it. */
async function storeProcessed({ lake, ledger }: Stores): Promise<void> {
  const row = imageRow({ status: 'processed' })
  const renditions = recipes.standard.map(({ name }) => renditionKey(row, name, 'webp'))
  for (const key of [row.key, ...renditions, metadataKey(row)]) await lake.put(key, body, 'application/octet-stream')
  await ledger.insert(row)
}

/** @throws Error where the purge has left anything: a fast one that did nothing is no measurement */
export async function purgeAll(stores: Stores, count: number): Promise<void> {
  const logger = { info() {}, warn() {} }
  const now = Date.now() + retention.images + retention.backstop
  const done = await runPurge({ ...stores, clock: Date.now, logger, codeVersion: 'bench' }, now, () => true)
  if (done.images !== count || !done.complete) throw new Error(`The purge was not complete: ${JSON.stringify(done)}`)
}

async function deleteAll({ s3, names: { lake: Bucket } }: Stores): Promise<void> {
  for (const Prefix of [layout.images, layout.metadata]) {
    for (let more = true; more; ) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, MaxKeys: 1000 }))
      const Objects = (page.Versions ?? []).map(({ Key, VersionId }) => ({ Key, VersionId }))
      if (Objects.length === 0) break
      const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
      if (Errors?.length) throw new Error(`The bare loop could not delete ${Errors.length} versions`)
      more = page.IsTruncated === true
    }
  }
}

/** @param rows of a made-up ledger, in a process that does nothing else */
async function heapGrowth(rows: number): Promise<Figure> {
  const said = await run(process.execPath, [
    '--expose-gc',
    join(import.meta.dirname, '../purge-memory-child.ts'),
    String(rows),
  ])
  const { grownBytes } = JSON.parse(said) as { grownBytes: number }
  return {
    what: `most heap beyond the start, purge of ${rows} rows`,
    value: summary([grownBytes / 2 ** 20]),
    unit: 'MB',
    goal: heapGoal,
  }
}
