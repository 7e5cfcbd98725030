/** `npm run hostile`: odd, broken and mutated images through the processor's own code; fails where a goal is missed. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { attack, type Tally } from './attack.ts'
import { declaredFor, mutants, publicFiles } from './cases.ts'
import { corpusNames } from './corpora.ts'
import { createJudge, goals } from './judge.ts'
import { makeSeeds } from './seeds.ts'

const help = `Sends hostile images through the processor's own code, in its bounded child processes.

  npm run hostile -- [--mutations N] [--seed S] [--only public|mutations] [--parallel N] [--minutes M] [--case FILE]

  --mutations  mutants to make of the small seeds (default 100000)
  --seed       the same seed makes the same mutants (default 1)
  --only       one of the two: public collections as they are, or mutants
  --parallel   children at once (default: one for each core)
  --minutes    begin no more mutants after this time, and report on those that were made (default: no end)
  --case       judge this one file and print what comes of it
  --help       this text

Files that miss a goal are saved to hostile/failures/, and can be tried again with --case. The figures go to
hostile/results/latest.json. Ends with 1 where a goal is missed.`

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    parallel: { type: 'string', default: String(availableParallelism()) },
    minutes: { type: 'string' },
    only: { type: 'string' },
    case: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

const usage = (message: string): never => {
  console.error(`${message}\n\n${help}`)
  process.exit(2)
}
const whole = (name: 'mutations' | 'seed' | 'parallel' | 'minutes', least: number): number => {
  const number = Number(values[name])
  return Number.isInteger(number) && number >= least
    ? number
    : usage(`--${name} takes a whole number from ${least}, not ${values[name]}`)
}
if (values.only !== undefined && values.only !== 'public' && values.only !== 'mutations') {
  usage(`--only takes public or mutations, not ${values.only}`)
}

const failures = join(import.meta.dirname, 'failures')

async function one(path: string): Promise<boolean> {
  const bytes = readFileSync(path)
  const judge = createJudge()
  const judgement = await judge.judge({ name: basename(path), bytes, declared: declaredFor(bytes, 'image/jpeg') })
  judge.stop()
  console.log(JSON.stringify(judgement, null, 2))
  return judgement.missed.length === 0
}

async function all(): Promise<boolean> {
  const [mutations, seed, parallel] = [whole('mutations', 0), whole('seed', 0), whole('parallel', 1)]
  const where = machine()
  console.log(`${where}\n`)
  const parts: Record<string, { tally: Tally; seconds: number }> = {}
  const part = async (name: string, total: number, files: Parameters<typeof attack>[0]) => {
    const started = performance.now()
    const tally = await attack(files, { parallel, failures, onProgress: progress(name, total) })
    parts[name] = { tally, seconds: (performance.now() - started) / 1000 }
  }
  if (values.only !== 'mutations') {
    for (const corpus of corpusNames) await part(corpus, 0, publicFiles(corpus))
  }
  if (values.only !== 'public') {
    const files = until(mutants(await makeSeeds(), seed, mutations), values.minutes ? whole('minutes', 1) : undefined)
    await part(`mutants, seed ${seed}`, mutations, files)
  }
  for (const [name, { tally, seconds }] of Object.entries(parts)) report(name, tally, seconds)
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const result = { at: new Date().toISOString(), machine: where, parts }
  writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(result, null, 2)}\n`)
  return Object.values(parts).every(({ tally }) => Object.values(tally.missed).every((count) => count === 0))
}

function* until<T>(files: Iterable<T>, minutes = Number.POSITIVE_INFINITY): Generator<T> {
  const end = performance.now() + minutes * 60_000
  for (const file of files) {
    if (performance.now() > end) return
    yield file
  }
}

function report(name: string, tally: Tally, seconds: number): void {
  const { files, verdicts, missed, lenient, examples, slowest, largest } = tally
  const row = (goal: string, count: number, note = '') =>
    console.log(`  ${goal.padEnd(44)}${count === 0 ? 'reached' : `MISSED by ${count}`}${note && `   ${note}`}`)
  console.log(`\n${name}: ${files} files in ${Math.round(seconds)} s`)
  for (const [verdict, count] of Object.entries(verdicts).toSorted(([, a], [, b]) => b - a)) {
    console.log(`  ${verdict.padEnd(44)}${count}`)
  }
  row('a verdict for each, and the host lives', missed.verdict)
  const { milliseconds, cpuMs } = slowest
  const took = `${(milliseconds / 1000).toFixed(1)} s, ${(cpuMs / 1000).toFixed(1)} s of CPU time: ${slowest.name}`
  row(`no hang over ${goals.milliseconds / 1000} s`, missed.time, `slowest ${took}`)
  row(`at most ${goals.bytes / 1e6} MB`, missed.memory, `${Math.round(largest.bytes / 1e6)} MB: ${largest.name}`)
  row('no valid image refused', missed.valid)
  for (const [type, count] of Object.entries(lenient)) {
    console.log(`  not an image by our rule, though sharp reads it ${type.slice('image/'.length).padEnd(8)}${count}`)
  }
  row('renditions hold nothing but a picture', missed.clean)
  for (const { name: file, goal, how } of examples.slice(0, 20)) console.log(`    ${goal}: ${file}: ${how}`)
}

function progress(name: string, total: number) {
  const started = performance.now()
  let told = started
  return ({ files, missed }: Tally): void => {
    const now = performance.now()
    if (now - told < (process.stderr.isTTY ? 1_000 : 30_000)) return
    told = now
    const failed = Object.values(missed).reduce((sum, count) => sum + count, 0)
    const rate = (files * 1000) / (now - started)
    const left = total > files ? `, ${Math.round((total - files) / rate / 60)} min left` : ''
    const line = `… ${name}: ${files}${total ? ` of ${total}` : ''}, ${rate.toFixed(0)} a second${left}, ${failed} missed`
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${line}`)
    else console.error(line)
  }
}

function machine(): string {
  const [cpu] = cpus()
  const git = ['rev-parse', '--short', 'HEAD']
  const commit = execFileSync('git', git, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, commit ${commit}`
}

if (values.help) console.log(help)
else process.exitCode = (await (values.case ? one(values.case) : all())) ? 0 : 1
