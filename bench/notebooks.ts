/**
 * How long the notebooks take, and how that grows with the number of images: a lake of made metadata records behind the
 * real S3 gateway. Usage: node bench/notebooks.ts [--images N]… [--only NAME]… [--keep]; by default 1000, 10000 and 100000
 * images and all notebooks. --keep keeps the HTML.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createPlace, run } from '../__tests__/support/parts.ts'
import { metadataRecord } from '../functions/process/record.ts'
import type { ImageMetadata, ImageRow } from '../functions/shared/image.ts'
import { expiryShard, metadataKey, newImageId, originalKey, renditionKey } from '../functions/shared/keys.ts'
import { executeNotebooks, notebookNames, requirementsFile } from '../local/notebooks/execute.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { ensureSparkJars, localLakeRoots, sparkSettings } from '../local/spark/settings.ts'
import { buckets, type ImageType, imageTypes, resourceName, retention } from '../platform.ts'
import { createReport } from '../scripts/bootstrap/progress.mjs'

/** The same numbers for the same seed (mulberry32), so that two runs read the same lake. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const types: readonly ImageType[] = ['image/jpeg', 'image/jpeg', 'image/jpeg', 'image/jpeg', 'image/png', 'image/webp']
const cameras = [
  ['Canon', 'Canon EOS R5'],
  ['NIKON CORPORATION', 'NIKON D850'],
  ['Apple', 'iPhone 15 Pro'],
  ['FUJIFILM', 'X-T5'],
]
const reasons = ['truncated', 'truncated', 'undecodable', 'too-many-pixels'] as const

/** A row as the pipeline would have left it, received within the last six days, more of them by day than by night. */
function madeRow(random: () => number, now: number): ImageRow {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  let receivedAt = now - Math.floor(random() * 6 * 86_400_000)
  while (random() > 0.55 + 0.45 * Math.sin(((new Date(receivedAt).getUTCHours() - 8) / 24) * 2 * Math.PI)) {
    receivedAt = now - Math.floor(random() * 6 * 86_400_000)
  }
  const address = { id: newImageId(), date: new Date(receivedAt).toISOString().slice(0, 10) }
  const contentType = pick(types)
  const [width, height] =
    random() < 0.3 ? [3000, 4000] : [Math.round(800 + random() * 5200), Math.round(600 + random() * 3400)]
  const bytes = Math.round(width * height * (0.12 + random() * 0.25))
  const expiresAt = receivedAt + retention.images
  const row: ImageRow = {
    ...address,
    kind: 'image',
    ownerId: 'bench',
    status: 'quarantined',
    key: originalKey(address, imageTypes[contentType]),
    contentType,
    extension: imageTypes[contentType],
    bytes,
    sha256: Math.floor(random() * 1e12)
      .toString(16)
      .padStart(64, '0'),
    receivedAt,
    publishedAt: receivedAt + 20,
    attempts: 1,
    expiresAt,
    expiryShard: expiryShard(address.id),
    ttl: Math.ceil(expiresAt / 1000),
  }
  if (random() < 0.02) {
    const code = pick(reasons)
    return { ...row, quarantinedAt: receivedAt + 400, reason: { code, message: 'made' } }
  }
  const processingMs = Math.round(150 + (width * height) / 12_000 + random() * 300)
  const [make, model] = pick(cameras) as [string, string]
  const metadata: ImageMetadata = {
    format: contentType.replace('image/', ''),
    width,
    height,
    frames: 1,
    hasAlpha: false,
    orientation: random() < 0.7 ? 1 : pick([3, 6, 8]),
    colorSpace: 'srgb',
    dominantColor: `#${Math.floor(random() * 0xffffff)
      .toString(16)
      .padStart(6, '0')}`,
    thumbhash: '',
    hasGps: random() < 0.2,
    ...(random() < 0.7 && {
      camera: { make, model },
      capturedAt: new Date(receivedAt - random() * 9e9).toISOString().slice(0, 19),
    }),
  }
  const rendition = (name: string, side: number, share: number) => ({
    name,
    key: renditionKey(address, name, name === 'compressed' ? imageTypes[contentType] : 'webp'),
    contentType: name === 'compressed' ? contentType : 'image/webp',
    width: Math.min(side, width),
    height: Math.min(side, height),
    bytes: Math.round(bytes * share),
  })
  const renditions = [
    rendition('thumb', 256, 0.01),
    rendition('preview', 1024, 0.06),
    rendition('compressed', 30_000, 0.5 + random() * 0.6),
  ]
  const waited = Math.round(-Math.log(random()) * 250)
  return {
    ...row,
    status: 'processed',
    processedAt: receivedAt + processingMs + waited,
    processingMs,
    metadata,
    renditions,
  }
}

/** Writes records as plain files into the folder that versitygw serves: putting them by S3 would take longer than reading. */
async function fill(bucket: string, count: number, random: () => number): Promise<void> {
  const now = Date.now()
  for (let made = 0; made < count; made += 500) {
    const rows = Array.from({ length: Math.min(500, count - made) }, () => madeRow(random, now))
    await Promise.all(
      rows.map(async (row) => {
        const file = join(bucket, metadataKey(row))
        await mkdir(join(file, '..'), { recursive: true })
        await writeFile(file, JSON.stringify(metadataRecord(row)))
      }),
    )
  }
}

/** Linux counts in hundredths of a second. */
const ticksPerSecond = 100

/** CPU seconds that all processes below this one have used: Spark, the kernel and the S3 gateway. Others' load is not in it. */
function cpuSecondsBelow(): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // After the name in brackets: state, parent, …; user and system time are the 12th and 13th.
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }]
      } catch {
        return [] // It has ended meanwhile.
      }
    })
  const below = (parent: number): number =>
    processes.filter((one) => one.parent === parent).reduce((sum, one) => sum + one.ticks + below(one.pid), 0)
  return below(process.pid) / ticksPerSecond
}

const { values: options } = parseArgs({
  options: {
    images: { type: 'string', multiple: true, default: ['1000', '10000', '100000'] },
    only: { type: 'string', multiple: true, default: [''] },
    keep: { type: 'boolean', default: false },
  },
})
const notebooks = notebookNames().filter((name) => options.only.some((part) => name.includes(part)))
const place = await createPlace()
const platform = run(place, ['s3'])
const output = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
try {
  await platform.ready()
  const report = createReport()
  const { python } = await ensureVenv(place.config, report, requirementsFile)
  const classpath = await ensureSparkJars(place.config, report)
  // Files that did not come by S3 have no ETag, and S3A would refuse them.
  const unversioned = { 'spark.hadoop.fs.s3a.change.detection.version.required': 'false' }
  const spark = { ...sparkSettings(place.config, { classpath, scratch: output }), ...unversioned }
  const bucket = join(place.home, 'data/s3/objects', resourceName(place.config.environment, buckets.lake.name))
  let there = 0
  for (const count of options.images.map(Number)) {
    await fill(bucket, count - there, seeded(count))
    there = count
    const started = performance.now()
    const cpuBefore = cpuSecondsBelow()
    let cpu = 0
    let last = started
    const times: string[] = []
    const parameters = { LAKE_ROOT: localLakeRoots.mount, NOW: '', SAMPLE: '12' }
    await executeNotebooks({ notebooks, output, spark, parameters }, python, join(output, 'spark.log'), (event) => {
      // At each notebook's end, because what has ended is counted no more.
      if (event.event !== 'cell') cpu = cpuSecondsBelow() - cpuBefore
      if (event.event === 'failed') console.error(`${event.notebook}, cell ${event.cell}: ${event.error}`)
      // The hidden first cell of the first notebook is Spark's own start.
      if (event.event === 'cell' && event.cell !== 1) return
      const name =
        event.event === 'cell' ? (event.notebook === notebooks[0] ? 'start of Spark' : 'clearing') : event.notebook
      if (name !== 'clearing') times.push(`${name} ${((performance.now() - last) / 1000).toFixed(1)} s`)
      last = performance.now()
    })
    console.log(
      `${count} images: ${((performance.now() - started) / 1000).toFixed(1)} s (${times.join(', ')}); ${cpu.toFixed(0)} s of CPU; load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`,
    )
  }
} finally {
  await platform.end('SIGINT')
  await place.remove()
  if (!options.keep) await rm(output, { recursive: true, force: true })
  else console.log(output)
}
