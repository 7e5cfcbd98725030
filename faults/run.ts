/** `npm run faults`: breaks a platform of its own and checks what is left. */
import { localConfig } from '../config.ts'
import { buildFunctions, buildWeb } from '../local/builds.ts'
import { ensureTools } from '../local/setup/tools.ts'
import { SetupError } from '../scripts/bootstrap/command.mjs'
import { createReport } from '../scripts/bootstrap/progress.mjs'
import { following, runCampaign } from './campaign.ts'
import { type FaultOptions, help, readOptions, UsageError } from './options.ts'
import { bugs } from './planted/bugs.ts'
import { type Proof, proofTable, prove } from './planted/prove.ts'
import { stories, summary } from './report.ts'
import { drawSchedule } from './schedule.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

async function prepare(): Promise<void> {
  const report = createReport()
  await ensureTools(localConfig(), report)
  await Promise.all([buildFunctions(report), buildWeb(report)])
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options.mode === 'help') {
    console.log(help)
    return 0
  }
  if (options.mode === 'plan') {
    console.log(JSON.stringify(drawSchedule(options.seed, options.kills), undefined, 1))
    return 0
  }
  if (options.mode === 'list') {
    for (const { name, means } of bugs) console.log(`${name}: ${means}`)
    return 0
  }
  await prepare()
  return options.mode === 'planted' ? plantAll(options) : run(options as RunOptions)
}

async function plantAll({ names, seed }: Extract<FaultOptions, { mode: 'planted' }>): Promise<number> {
  const proofs: Proof[] = []
  for (const bug of bugs.filter(({ name }) => names.includes(name))) {
    say(`${bug.name}: ${bug.means}`)
    proofs.push(await prove(bug, seed, say))
    say(proofTable(proofs.slice(-1)))
  }
  const missed = proofs.filter(({ caught }) => !caught)
  console.log(`${proofTable(proofs)}\n\n${proofs.length - missed.length} of ${proofs.length} planted bugs caught`)
  return missed.length === 0 ? 0 : 1
}

type RunOptions = Extract<FaultOptions, { kills: number }>

async function run(options: RunOptions): Promise<number> {
  const { seed, kills, people } = options
  const result = await runCampaign({
    seed,
    crowd: { people, pauseMs: [300, 1_200] },
    faults: following(drawSchedule(seed, kills), say),
    say,
  })
  console.log(`${summary(result)}\n`)
  if (result.findings.length > 0) console.log(`${await stories(result)}\n\nThe run's folder is kept: ${result.home}`)
  const verdict = result.findings.length === 0 ? 'nothing lost, nothing doubled, nothing unexplained' : 'FOUND FAULTS'
  console.log(`seed ${seed}, ${kills} kills, ${result.minutes.toFixed(1)} minutes: ${verdict}`)
  return result.findings.length === 0 ? 0 : 1
}

// Ctrl-C ends the platform too: it hangs on this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))

try {
  process.exitCode = await main()
} catch (error) {
  const expected = error instanceof UsageError || error instanceof SetupError
  console.error(expected ? error.message : (error as Error).stack)
  process.exitCode = 2
}
// What was printed into a pipe may not have left yet.
process.stdout.write('', () => process.exit())
