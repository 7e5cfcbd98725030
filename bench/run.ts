/** `npm run bench`: measures, prints a table, and fails where a goal is missed. */
import { parseArgs } from 'node:util'
import { measureGrowth } from './growth.ts'
import { isFailed, isSkipped, type Row, reached } from './measurement.ts'
import { type MeasurementName, measurements } from './measurements/index.ts'
import { machine, type Results, save, table } from './report.ts'

const names = Object.keys(measurements) as MeasurementName[]

const help = `Measures Darkroom against its peers and against the bare parts that it is made of, in turn, on this machine.

  npm run bench -- [--only NAME]… [--images N] [--rounds N] [--concurrency N]
  npm run bench -- --growth

  --only         ${names.join(', ')} (default: all)
  --images       images a round (default 30)
  --rounds       rounds after one to warm up (default 5)
  --concurrency  requests in flight (default 8)
  --growth       instead: how figures grow with pixels, bytes, batches, partitions and images; draws docs/pictures/growth.svg
  --help         this text

Each figure is the median over rounds, with the least and the most; contenders take turns within each round, so that
whatever else the machine does weighs on all of them. The figures go to bench/results/latest.json. Ends with 1 where a
goal is missed. Peers that are not on the machine are installed where that is possible, otherwise skipped by name.`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    images: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '8' },
    growth: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})

function refuse(message: string): never {
  console.error(`${message}\n\n${help}`)
  process.exit(2)
}

const whole = (name: 'images' | 'rounds' | 'concurrency'): number => {
  const number = Number(values[name])
  return Number.isInteger(number) && number > 0
    ? number
    : refuse(`--${name} takes a whole number above 0, not ${values[name]}`)
}

const chosen = (): readonly MeasurementName[] => {
  const unknown = values.only?.find((name) => !names.includes(name as MeasurementName))
  if (unknown) refuse(`--only takes ${names.join(', ')}, not ${unknown}`)
  return names.filter((name) => values.only?.includes(name) ?? true)
}

function progress(text: string) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K… ${text}`)
  else console.error(`… ${text}`)
}

/** @returns whether all goals were reached */
async function main(): Promise<boolean> {
  const options = { images: whole('images'), rounds: whole('rounds'), concurrency: whole('concurrency') }
  const wanted = chosen()
  console.log(`${options.images} images, ${options.rounds} rounds; ${machine()}`)
  const results: Record<string, Results[string]> = {}
  for (const name of wanted) {
    const told = (text: string) => progress(`${name}: ${text}`)
    results[name] = await measurements[name]({ ...options, progress: told }).catch(failed)
  }
  console.log(table(results))
  console.log(`\nWritten to ${save(results, options)}`)
  return Object.values(results)
    .flat()
    .every((row) => isSkipped(row) || (!isFailed(row) && reached(row)))
}

/** One measurement that breaks off must not take the others' figures with it. */
function failed(error: unknown): Row[] {
  console.error(error)
  return [{ what: 'not measured', failure: error instanceof Error ? error.message : String(error) }]
}

if (values.help) console.log(help)
else if (values.growth) console.log(`\nDrawn in ${await measureGrowth(progress)}`)
else process.exitCode = (await main()) ? 0 : 1
