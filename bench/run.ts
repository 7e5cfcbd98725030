/** `npm run bench`: measures, prints a table of ratios, and fails where a goal is missed. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Measurement, type Result, ratio, type Summary, summary } from './contest.ts'
import { startPlatform } from './platform.ts'
import { benchImages, benchProcessing, names as processing } from './processing.ts'
import { benchUploads, names as uploads } from './uploads.ts'

const help = `Measures Darkroom against the bare parts that it is made of, in turn, on this machine.

  npm run bench -- [--only processing|uploads] [--images N] [--rounds N] [--concurrency N]

  --only         one of the two measurements (default: both)
  --images       images a round (default 30)
  --rounds       rounds after one to warm up (default 7)
  --concurrency  requests in flight for uploads (default 8)
  --help         this text

A ratio of 1 is as fast as the bare part; each is the median over rounds, with the least and the most. The figures go to
bench/results/latest.json. Ends with 1 where a goal is missed.`

/** What a measurement must reach, in its median. */
const goals = { processing: 0.9, uploads: 0.7 } as const

type Row = { readonly what: string; readonly goal?: number; readonly ratio: Summary; readonly by: string }

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    images: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '7' },
    concurrency: { type: 'string', default: '8' },
    help: { type: 'boolean', short: 'h' },
  },
})
const whole = (name: 'images' | 'rounds' | 'concurrency'): number => {
  const number = Number(values[name])
  if (Number.isInteger(number) && number > 0) return number
  console.error(`--${name} takes a whole number above 0, not ${values[name]}\n\n${help}`)
  process.exit(2)
}
const only = values.only
if (only !== undefined && only !== 'processing' && only !== 'uploads') {
  console.error(`--only takes processing or uploads, not ${only}\n\n${help}`)
  process.exit(2)
}

/** @returns whether all goals were reached */
async function main(): Promise<boolean> {
  const images = await benchImages(whole('images'))
  const megabytes = images.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6
  console.log(`${images.length} images, ${megabytes.toFixed(1)} MB, ${whole('rounds')} rounds; ${machine()}\n`)
  const results: Result[] = []
  const rows: Row[] = []

  if (only !== 'uploads') {
    const measured = await benchProcessing(images, whole('rounds'), progress('processing'))
    results.push(...measured)
    const ours = named(measured, processing.ours)
    for (const peer of [processing.clones, processing.reduced]) {
      rows.push({
        what: `${ours.name} against ${peer}`,
        goal: goals.processing,
        ratio: ratio(ours, named(measured, peer), 'wall'),
        by: 'time',
      })
      rows.push({
        what: `${ours.name} against ${peer}`,
        ratio: ratio(ours, named(measured, peer), 'cpu'),
        by: 'CPU time',
      })
    }
  }
  if (only !== 'processing') {
    for (const [note, parts] of [
      ['', ['kafka', 's3', 'dynamodb', 'identity', 'gateway']],
      [', while this machine also processes them', ['kafka', 's3', 'dynamodb', 'identity', 'gateway', 'triggers']],
    ] as const) {
      const platform = await startPlatform(parts)
      try {
        const options = {
          rounds: whole('rounds'),
          concurrency: whole('concurrency'),
          onRound: progress(`uploads${note}`),
        }
        const measured = (await benchUploads(platform, images, options)).map((one) => ({
          ...one,
          name: one.name + note,
        }))
        results.push(...measured)
        const [ours, theirs] = [named(measured, uploads.uploads + note), named(measured, uploads.puts + note)]
        rows.push({
          what: `${uploads.uploads} against ${uploads.puts}${note}`,
          // On AWS the processor has machines of its own.
          ...(note === '' && { goal: goals.uploads }),
          ratio: ratio(ours, theirs, 'wall'),
          by: 'time',
        })
      } finally {
        await platform.stop()
      }
    }
  }
  report(results, rows, images.length)
  return rows.every(({ goal = 0, ratio }) => ratio.median >= goal)
}

const named = (results: readonly Result[], name: string): Result => {
  const found = results.find((result) => result.name === name)
  if (!found) throw new Error(`Nothing was measured for ${name}`)
  return found
}

function report(results: readonly Result[], rows: readonly Row[], images: number) {
  const table = (by: keyof Measurement, scale: (value: number) => number) => (rounds: readonly Measurement[]) =>
    show(summary(rounds.map((round) => scale(round[by]))), 1)
  const perSecond = table('wall', (wall) => (images * 1000) / wall)
  const cpuEach = table('cpu', (cpu) => cpu / images)
  console.log(`\n${'images a second'.padEnd(24)}${'CPU ms an image *'.padEnd(24)}`)
  for (const { name, rounds } of results)
    console.log(`${perSecond(rounds).padEnd(24)}${cpuEach(rounds).padEnd(24)}${name}`)
  console.log(`\n${'ratio'.padEnd(24)}${'by'.padEnd(10)}goal`)
  for (const { what, goal, ratio, by } of rows) {
    const verdict = goal === undefined ? '' : `${goal.toFixed(2)} ${ratio.median >= goal ? 'reached' : 'MISSED'}`
    console.log(`${show(ratio, 2).padEnd(24)}${by.padEnd(10)}${verdict.padEnd(14)}${what}`)
  }
  console.log('\nMedian (least–most). * Of the measuring process, which for uploads is the client only.')
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'latest.json')
  writeFileSync(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), machine: machine(), images, rows, results }, null, 2)}\n`,
  )
}

const show = ({ median, least, most }: Summary, digits: number) =>
  `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`

function progress(what: string) {
  return (round: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K… ${what}, round ${round}`)
    else console.error(`… ${what}, round ${round}`)
  }
}

function machine(): string {
  const [cpu] = cpus()
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  }).trim()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, commit ${commit}`
}

if (values.help) console.log(help)
else process.exitCode = (await main()) ? 0 : 1
