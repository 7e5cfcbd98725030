/**
 * What a fault run tells the processes that it starts. They read it from a file, so that nothing of this is known to
 * the functions or to `local/`: the preloads in this folder get between them and the outside, and the code under test
 * is the code that is deployed.
 */
import { readFileSync } from 'node:fs'

/** A text in a source file that is replaced when the file is loaded or bundled: a planted bug. */
export type SourcePatch = {
  /** Relative to the project's root. */
  readonly file: string
  /** Must occur exactly once. */
  readonly find: string
  readonly replace: string
}

export type InjectSettings = {
  /** `<home>/faults`: rules, claims and the calls that were seen. */
  readonly folder: string
  /** Port of a real store → port of the proxy in front of it. */
  readonly redirect: Readonly<Record<string, number>>
  readonly ports: { readonly kafka: number; readonly s3: number; readonly dynamodb: number }
  /** Bundles that take the place of the platform's own, by function. */
  readonly bundles: Readonly<Record<string, string>>
  /** For modules of `local/`. */
  readonly patches: readonly SourcePatch[]
}

/** At which call, and what happens there. */
export type Rule = {
  readonly id: string
  readonly function: string
  /** Regular expression over the call's name, such as `s3.PUT original` or `dynamodb.PutItem`. */
  readonly call: string
  /** Matching calls of one process that pass before it strikes. */
  readonly skip: number
  /** Before the first byte leaves, or when the answer has come and the function has not seen it. */
  readonly when: 'before' | 'after'
  /** `kill`: SIGKILL to itself. `stop`: SIGSTOP to itself. `cut`: the connection breaks. */
  readonly action: 'kill' | 'stop' | 'cut'
}

/** Which process a rule has struck. A rule strikes once. */
export type Claim = { readonly call: string; readonly pid: number; readonly at: number }

export const settingsFile = (folder: string): string => `${folder}/settings.json`
export const rulesFile = (folder: string): string => `${folder}/rules.json`
export const claimFile = (folder: string, id: string): string => `${folder}/claims/${id}.json`
export const callsFolder = (folder: string): string => `${folder}/calls`

/** Settings as a preload gets them: by the `settings` parameter of its own address. */
export const readSettings = (address: string): InjectSettings =>
  JSON.parse(readFileSync(new URL(address).searchParams.get('settings') ?? '', 'utf8'))

/**
 * Replaces the text of a planted bug.
 * @throws Error where it does not occur exactly once: the code has changed, and the bug has to be planted anew
 */
export function applyPatch(source: string, { file, find, replace }: SourcePatch): string {
  const parts = source.split(find)
  if (parts.length !== 2) {
    throw new Error(`A planted bug does not fit ${file} any more (${parts.length - 1} places): ${find}`)
  }
  return parts.join(replace)
}
