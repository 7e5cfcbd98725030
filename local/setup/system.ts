/** What the machine itself must have: installed where we may (Debian, as root), otherwise said exactly. */
import { CommandError, run, SetupError } from '../../scripts/bootstrap/command.mjs'
import type { Report } from '../../scripts/bootstrap/progress.mjs'
import {
  howToGet,
  type Requirement,
  type RequirementName,
  requirements,
  type System,
  thisSystem,
} from '../../scripts/bootstrap/requirements.mjs'

/** Something that we cannot install ourselves is missing; the message is what to type. */
export class MissingRequirementError extends SetupError {
  override name = 'MissingRequirementError'
}

/** A requirement that is not met, and what was found instead. */
export type Missing = { readonly requirement: Requirement; readonly found: string }

/**
 * Makes sure that the machine has these.
 * @throws MissingRequirementError saying what to install, for all of them at once
 */
export async function ensureSystem(names: readonly RequirementName[], report: Report): Promise<void> {
  const missing = await findMissing(names)
  if (missing.length === 0) return
  const system = thisSystem()
  const packages = system.root && system.debian ? missing.flatMap(({ requirement }) => requirement.get.apt ?? []) : []
  if (packages.length > 0)
    await installPackages(
      packages.flatMap((words) => words.split(' ')),
      report,
    )
  const still = packages.length > 0 ? await findMissing(names) : missing
  if (still.length > 0) throw new MissingRequirementError(explainMissing(still, system))
}

/** One line for each missing thing: what, what was found, and how to get it. */
export function explainMissing(missing: readonly Missing[], system: System): string {
  const lines = missing.map(
    ({ requirement, found }) => `  ${requirement.title} (${found}): ${howToGet(requirement, system)}`,
  )
  return [
    'Darkroom needs something that is not on this machine:',
    ...lines,
    '`npm run doctor` checks everything.',
  ].join('\n')
}

async function findMissing(names: readonly RequirementName[]): Promise<Missing[]> {
  const verdicts = await Promise.all(
    names.map(async (name) => ({
      requirement: requirements[name] as Requirement,
      ...(await requirements[name].probe()),
    })),
  )
  return verdicts.filter(({ ok }) => !ok)
}

async function installPackages(packages: readonly string[], report: Report) {
  const step = report.step(`Debian packages ${packages.join(', ')}`)
  const apt = (...args: string[]) =>
    run('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args], { onLine: step.update })
  try {
    await apt('update')
    await apt('install', '-y', '--no-install-recommends', ...packages)
    step.done()
  } catch (error) {
    step.fail()
    if (!(error instanceof CommandError)) throw error
    throw new MissingRequirementError(`Installing ${packages.join(' ')} failed.\n${error.message}`, { cause: error })
  }
}
