/**
 * Reviews the infrastructure: our own rules and checkov over the synthesized stacks, and a summary of plans where there are
 * any. Usage: npm run review -- --help
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { environmentWith, localConfig } from '../config.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { type CheckovTarget, runCheckov } from '../review/checkov.ts'
import { type Infrastructure, infrastructureOf, NoStacksError } from '../review/infrastructure.ts'
import { isWhole, readPlan } from '../review/plan/plan.ts'
import { mayBeApplied, summarize, summaryText } from '../review/plan/summary.ts'
import { type Format, type Outcome, passes, report } from '../review/report.ts'
import { byGravity, type Finding, findingsOf } from '../review/rule.ts'
import { rules } from '../review/rules/index.ts'
import { editedSince, type Given, givenAt, type Stacks, withFiles } from '../review/sources.ts'
import { waive } from '../review/waive.ts'
import { waivers } from '../review/waivers.ts'
import { createReport } from './bootstrap/progress.mjs'

const root = join(import.meta.dirname, '..')

const help = `Reviews the stacks; ends with 1 where something is found that no waiver covers.

  npm run review -- [PATH]… [--synth DIR] [--plan FILE]… [--no-checkov] [--format text|markdown] [--allow-data-loss ADDRESS]…

  PATH            what to look at instead of, or beside, what the code makes now:
                    cdktf.out/stacks/darkroom-dev-lake/cdk.tf.json   this file in the place of the stack of its name
                    cdktf.out                                        all stacks of a folder
                    plan.json                                        the same as --plan plan.json
  --synth DIR     a folder of stacks, as PATH
  --plan FILE     JSON of a plan (npm run plan writes it, or terraform show -json); may be repeated
  --no-checkov    our own rules only, which takes a second
  --format KIND   text (default) or markdown
  --allow-data-loss ADDRESS
                  lets a plan replace or destroy this resource, which holds data; may be repeated
  --help          this text

Without a PATH the stacks are synthesized from the code. Files in cdktf.out that were changed by hand since are looked at too.`

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowNegative: true,
    allowPositionals: true,
    options: {
      synth: { type: 'string' },
      plan: { type: 'string', multiple: true, default: [] },
      checkov: { type: 'boolean', default: true },
      format: { type: 'string', default: 'text' },
      'allow-data-loss': { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (!['text', 'markdown'].includes(values.format))
    throw new TypeError(`--format takes text or markdown, not ${values.format}`)
  return {
    ...values,
    format: values.format as Format,
    paths: [...(values.synth ? [values.synth] : []), ...positionals],
  }
}

const of = <Kind extends Given['kind']>(given: readonly Given[], kind: Kind) =>
  given.filter((one): one is Extract<Given, { kind: Kind }> => one.kind === kind)

/** Synthesizes in a process of its own, as people do. */
function synthesize(outdir: string): string {
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/tsx'), ['main.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: environmentWith({ CDKTF_OUTDIR: outdir }),
  })
  if (status !== 0) throw new NoStacksError(`The stacks cannot be synthesized:\n${stderr.trim()}`)
  return join(outdir, 'stacks')
}

/** The stacks to look at, and words about those that are not from the code. */
function stacksFrom(given: readonly Given[], scratch: string): { stacks: Stacks; notes: string[] } {
  const [folder] = of(given, 'stacks')
  const base = folder?.folder ?? synthesize(join(scratch, 'synthesized'))
  const named = of(given, 'stack')
  const code = withFiles(base, [])
  // Of another environment they would stand beside, and not in the place of, what is looked at.
  const edited = given.length > 0 ? [] : editedSince(join(root, 'cdktf.out')).filter(({ name }) => name in code)
  return {
    stacks: withFiles(base, [...named, ...edited]),
    notes: [
      ...named.map(({ name, file }) => `${name} is looked at as ${relative(root, file)} has it`),
      ...edited.map(
        ({ name, file }) =>
          `${name} is looked at as ${relative(root, file)} has it, which was changed by hand after npm run synth`,
      ),
    ],
  }
}

/** checkov reads files. */
function written(stacks: Stacks, scratch: string): string {
  const folder = join(scratch, 'stacks')
  for (const [name, stack] of Object.entries(stacks)) {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'cdk.tf.json'), JSON.stringify(stack))
  }
  return folder
}

/** checkov names resources by Terraform's id; we say where they stand in our constructs. */
function inOurWords(stacks: Stacks, all: Infrastructure) {
  const data = new Map(
    Object.entries(stacks).flatMap(([stack, json]) =>
      Object.values(json.data ?? {}).flatMap((found) =>
        Object.entries(found).map(
          ([id, args]) => [`${stack}/${id}`, args['//']?.metadata?.path as string | undefined] as const,
        ),
      ),
    ),
  )
  return ({ stack, id, ...finding }: Finding & { stack: string; id: string }): Finding => {
    const same = all.resources.filter((found) => found.id === id)
    // A plan's file may have any name; ids with cdktf's hash are rarely in two stacks.
    const resource = same.find((found) => found.stack === stack) ?? (same.length === 1 ? same[0] : undefined)
    const path = resource?.path ?? data.get(`${stack}/${id}`)?.replace(/^darkroom-(dev|staging|prod)-/, '')
    return { ...finding, resource: path ?? finding.resource }
  }
}

/** The stacks and a plan of them say the same thing twice. */
const once = (findings: readonly Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [`${finding.rule}\n${finding.resource}\n${finding.wrong}`, finding])).values(),
]

async function review(options: ReturnType<typeof readOptions>, scratch: string): Promise<number> {
  const given = options.paths.map(givenAt)
  const files = [...options.plan, ...of(given, 'plan').map(({ file }) => file)]
  const plans = files.map((file) => ({ file, plan: readPlan(file) }))
  const summary = summarize(
    plans.map(({ plan }) => plan),
    options['allow-data-loss'],
  )
  // First of all, and whatever becomes of the rest: what would lose data is its first line.
  if (plans.length > 0) console.log(`${summaryText(summary, options.format)}\n`)
  const { stacks, notes } = stacksFrom(
    given.filter(({ kind }) => kind !== 'plan'),
    scratch,
  )
  const all = infrastructureOf(stacks)
  const found: Finding[] = findingsOf(rules, all)
  if (options.checkov) {
    const { python } = await ensureVenv(localConfig(), createReport(), join(root, 'review/requirements.txt'))
    const targets: CheckovTarget[] = [
      { kind: 'stacks', folder: written(stacks, scratch) },
      // Of a plan that leaves nothing there is nothing to check, and a part of one it cannot read.
      ...plans.filter(({ plan }) => isWhole(plan)).map(({ file }) => ({ kind: 'plan', file }) as const),
    ]
    const words = inOurWords(stacks, all)
    for (const target of targets) found.push(...(await runCheckov(python, target)).map(words))
  }
  const waived = waive(byGravity(once(found)), waivers, {
    today: new Date().toISOString().slice(0, 10),
    ran: (check) => options.checkov || !check.startsWith('CKV'),
  })
  const outcome: Outcome = {
    ...waived,
    rules: rules.length,
    checkov: options.checkov ? 'ran' : { skipped: 'as asked' },
  }
  for (const note of notes) console.log(options.format === 'markdown' ? `- ${note}` : note)
  console.log(report(outcome, options.format))
  return passes(outcome) && (plans.length === 0 || mayBeApplied(summary)) ? 0 : 1
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options.help) {
    console.log(help)
    return 0
  }
  const scratch = mkdtempSync(join(tmpdir(), 'darkroom-review-'))
  try {
    return await review(options, scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  return 2
})
