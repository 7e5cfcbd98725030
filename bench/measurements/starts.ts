/** How long what starts takes to start: functions, the synthesis, the platform with everything in the cache. */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { functionEnvironments, runtimeEnvironment } from '../../local/bindings.ts'
import { startProcess } from '../../local/lambda/process.ts'
import { type FunctionName, functions } from '../../platform.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import { bundleFunctions } from '../../scripts/bundle.ts'
import { summary } from '../contest.ts'
import type { Figure, Measure } from '../measurement.ts'
import { startPlatform } from '../platform.ts'

const root = join(import.meta.dirname, '../..')

export const measureStarts: Measure = async ({ rounds, progress }) => [
  ...(await coldStarts(rounds, progress)),
  await timed('npm run synth, all stacks', { atMost: 5 }, rounds, progress, () =>
    run('npm', ['run', '--silent', 'synth'], { cwd: root }),
  ),
  await timed(
    'npm start until ready, all in the cache',
    { atMost: 15 },
    Math.min(rounds, 3),
    progress,
    async (stopped) => {
      const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway', 'triggers', 'schedule'])
      stopped.push(platform.stop)
    },
  ),
]

/** From the start of the process to a loaded handler; Lambda bills this as Init Duration. */
async function coldStarts(rounds: number, progress: (text: string) => void): Promise<Figure[]> {
  // Functions find their stores and keys as on a running platform; on a fresh machine there are none before.
  const { config, stop } = await startPlatform(['kafka', 's3', 'dynamodb'])
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
  const log = await open(join(folder, 'log'), 'a')
  try {
    const bundles = await bundleFunctions(Object.keys(functions) as FunctionName[])
    const took = new Map(bundles.map(({ name }) => [name, [] as number[]]))
    // All of them in turn, so that a busy spell (brokers are at work for a while after they are ready) costs each one round.
    for (let round = 0; round <= rounds; round += 1) {
      progress(`cold starts, ${round === 0 ? 'to warm up' : `round ${round}`}`)
      for (const { name, file } of bundles) {
        const started = performance.now()
        const child = startProcess({
          name,
          bundle: file,
          environment: { ...runtimeEnvironment(config, name), ...functionEnvironments(config)[name] },
          memoryMb: functions[name].memoryMb,
          logDescriptor: log.fd,
          pidFile: join(folder, `${name}.pid`),
          initTimeoutMs: 30_000,
        })
        await child.ready
        // The first one reads the files from the disk.
        if (round > 0) took.get(name)?.push(performance.now() - started)
        await child.stop()
      }
    }
    return [...took].map(([name, times]) => ({
      what: `cold start of ${name}`,
      value: summary(times),
      unit: 'ms',
      goal: { atMost: 300 },
    }))
  } finally {
    await log.close()
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function timed(
  what: string,
  goal: NonNullable<Figure['goal']>,
  rounds: number,
  progress: (text: string) => void,
  work: (after: (() => Promise<unknown>)[]) => Promise<unknown>,
): Promise<Figure> {
  const took: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    progress(`${what}, round ${round + 1}`)
    const after: (() => Promise<unknown>)[] = []
    const started = performance.now()
    await work(after)
    took.push((performance.now() - started) / 1000)
    for (const end of after) await end()
  }
  return { what, value: summary(took), unit: 's', goal }
}
