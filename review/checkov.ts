/** Runs checkov over the synthesized stacks and over plans, and reads its findings as ours. */
import { execFile } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Finding } from './rule.ts'

const run = promisify(execFile)

/** What one can have it look at; it does not follow references from one stack to another. */
export type CheckovTarget =
  | { readonly kind: 'stacks'; readonly folder: string }
  /** JSON of `terraform show -json`. */
  | { readonly kind: 'plan'; readonly file: string }

export type CheckovFinding = Finding & { readonly stack: string; readonly id: string }

/** checkov ended badly, or said nothing that can be read: the review cannot say that all is well. */
export class CheckovError extends Error {
  override readonly name = 'CheckovError'
  readonly retriable = true
}

type Failed = {
  readonly check_id: string
  readonly check_name: string
  readonly resource: string
  readonly file_path: string
  readonly guideline?: string | null
}
type Report = { readonly results?: { readonly failed_checks: readonly Failed[] }; readonly summary?: Summary }
type Summary = { readonly passed: number; readonly failed: number; readonly parsing_errors: number }

const minute = 60_000

/**
 * @param python of an environment with checkov
 * @throws CheckovError also where it checked nothing, which is how it ends when it cannot read a file
 */
export async function runCheckov(python: string, target: CheckovTarget): Promise<CheckovFinding[]> {
  const what =
    target.kind === 'stacks'
      ? ['--framework', 'terraform_json', '-d', target.folder]
      : ['--framework', 'terraform_plan', '-f', target.file]
  // It would ask its makers' service for descriptions otherwise.
  const args = ['-m', 'checkov.main', ...what, '-o', 'json', '--quiet', '--compact', '--soft-fail', '--skip-download']
  try {
    const { stdout } = await run(python, args, { maxBuffer: 256 * 1024 * 1024, timeout: 10 * minute })
    return findingsIn(JSON.parse(stdout), target)
  } catch (cause) {
    if (cause instanceof CheckovError) throw cause
    throw new CheckovError(`checkov did not end well: ${(cause as Error).message.split('\n')[0]}`, { cause })
  }
}

/**
 * @param output of `checkov -o json`: one report, a list of them, or a bare summary where there was nothing to check
 * @throws CheckovError
 */
export function findingsIn(output: Report | readonly Report[] | Summary, target: CheckovTarget): CheckovFinding[] {
  const reports = (Array.isArray(output) ? output : [output]) as readonly Report[]
  const checked = reports.reduce((sum, { summary }) => sum + (summary?.passed ?? 0) + (summary?.failed ?? 0), 0)
  if (checked === 0) throw new CheckovError('checkov checked nothing: it could not read what it was given')
  if (reports.some(({ summary }) => (summary?.parsing_errors ?? 0) > 0))
    throw new CheckovError('checkov could not read all files')
  return reports
    .flatMap(({ results }) => results?.failed_checks ?? [])
    .map((failed) => ({
      rule: failed.check_id,
      severity: 'medium',
      // Resources of plain JSON come as `resource.<id>`, without their type; those of its graph with it.
      stack: target.kind === 'stacks' ? basename(dirname(join('/', failed.file_path))) : basename(target.file, '.json'),
      id: failed.resource.split('.').at(-1) ?? failed.resource,
      resource: failed.resource,
      wrong: `does not pass: ${failed.check_name.replace(/^Ensure (that )?/, '')}`,
      fix: 'Change the construct; or, where seven days or the design forbid it, waive it in review/waivers.ts',
      source: failed.guideline ?? 'checkov',
    }))
}
