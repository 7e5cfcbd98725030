/**
 * Reviews the infrastructure: our own rules and checkov over the synthesized stacks, and a summary of plans where there are
 * any. Usage: npm run review -- --help
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { environmentWith, localConfig } from '../config.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { type CheckovTarget, runCheckov } from '../review/checkov.ts'
import {
  type Infrastructure,
  infrastructureOf,
  NoStacksError,
  readStacks,
  type StackJson,
} from '../review/infrastructure.ts'
import { readPlan } from '../review/plan/plan.ts'
import { mayBeApplied, summarize, summaryText } from '../review/plan/summary.ts'
import { type Format, type Outcome, passes, report } from '../review/report.ts'
import { byGravity, type Finding, findingsOf } from '../review/rule.ts'
import { rules } from '../review/rules/index.ts'
import { waive } from '../review/waive.ts'
import { waivers } from '../review/waivers.ts'
import { createReport } from './bootstrap/progress.mjs'

const root = join(import.meta.dirname, '..')

const help = `Reviews the stacks; ends with 1 where something is found that no waiver covers.

  npm run review -- [--synth DIR] [--plan FILE]… [--no-checkov] [--format text|markdown] [--allow-data-loss ADDRESS]…

  --synth DIR     stacks that are synthesized already, such as cdktf.out/stacks; otherwise they are synthesized
  --plan FILE     JSON of a plan (npm run plan writes it); may be repeated
  --no-checkov    our own rules only, which takes a second
  --format KIND   text (default) or markdown
  --allow-data-loss ADDRESS
                  lets a plan replace or destroy this resource, which holds data; may be repeated
  --help          this text`

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
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
  return { ...values, format: values.format as Format }
}

/** Synthesizes in a process of its own, as people do, into a folder that is read and removed. */
function synthesized(): { folder: string; remove: () => void } {
  const outdir = mkdtempSync(join(tmpdir(), 'darkroom-review-'))
  const remove = () => rmSync(outdir, { recursive: true, force: true })
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/tsx'), ['main.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: environmentWith({ CDKTF_OUTDIR: outdir }),
  })
  if (status !== 0) {
    remove()
    throw new NoStacksError(`The stacks cannot be synthesized:\n${stderr.trim()}`)
  }
  return { folder: join(outdir, 'stacks'), remove }
}

/** checkov names resources by Terraform's id; we say where they stand in our constructs. */
function inOurWords(stacks: Readonly<Record<string, StackJson>>, all: Infrastructure) {
  const data = new Map(
    Object.entries(stacks).flatMap(([stack, json]) =>
      Object.values((json as { data?: StackJson['resource'] }).data ?? {}).flatMap((found) =>
        Object.entries(found).map(
          ([id, args]) => [`${stack}/${id}`, args['//']?.metadata?.path as string | undefined] as const,
        ),
      ),
    ),
  )
  return ({ stack, id, ...finding }: Finding & { stack: string; id: string }): Finding => {
    const resource = all.resources.find((found) => found.id === id && found.stack === stack)
    const path = resource?.path ?? data.get(`${stack}/${id}`)?.replace(/^darkroom-(dev|staging|prod)-/, '')
    return { ...finding, resource: path ?? finding.resource }
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options.help) {
    console.log(help)
    return 0
  }
  const plans = options.plan.map((file) => ({ file: resolve(file), plan: readPlan(file) }))
  const summary = summarize(
    plans.map(({ plan }) => plan),
    options['allow-data-loss'],
  )
  const { folder, remove } = options.synth ? { folder: resolve(options.synth), remove: () => {} } : synthesized()
  try {
    const stacks = readStacks(folder)
    const all = infrastructureOf(stacks)
    const found: Finding[] = findingsOf(rules, all)
    if (options.checkov) {
      const { python } = await ensureVenv(localConfig(), createReport(), join(root, 'review/requirements.txt'))
      const targets: CheckovTarget[] = [
        { kind: 'stacks', folder },
        // Of a plan that leaves nothing there is nothing to check.
        ...plans
          .filter(({ plan }) => plan.resources.some(({ change }) => change.after !== null))
          .map(({ file }) => ({ kind: 'plan', file }) as const),
      ]
      const words = inOurWords(stacks, all)
      for (const target of targets) found.push(...(await runCheckov(python, target)).map(words))
    }
    const waived = waive(byGravity(found), waivers, {
      today: new Date().toISOString().slice(0, 10),
      ran: (check) => options.checkov || !check.startsWith('CKV'),
    })
    const outcome: Outcome = {
      ...waived,
      rules: rules.length,
      checkov: options.checkov ? 'ran' : { skipped: 'as asked' },
    }
    // What would lose data is the first line of all.
    if (plans.length > 0) console.log(`${summaryText(summary, options.format)}\n`)
    console.log(report(outcome, options.format))
    return passes(outcome) && (plans.length === 0 || mayBeApplied(summary)) ? 0 : 1
  } finally {
    remove()
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  return 2
})
