/** The review in words, for a terminal or for a comment on a pull request. */
import type { Finding } from './rule.ts'
import type { Waived } from './waive.ts'

export type Format = 'text' | 'markdown'

export type Outcome = Waived & {
  readonly rules: number
  /** Whether checkov looked too, or why it did not. */
  readonly checkov: 'ran' | { readonly skipped: string }
}

export const passes = ({ open, wrong }: Pick<Waived, 'open' | 'wrong'>): boolean =>
  open.length === 0 && wrong.length === 0

export const report = (outcome: Outcome, format: Format): string =>
  (format === 'markdown' ? markdown(outcome) : text(outcome)).join('\n')

function headline({ open, wrong, waived, rules, checkov }: Outcome): string {
  const looked = `${rules} rules of ours${checkov === 'ran' ? ' and checkov' : ''}`
  const state =
    open.length + wrong.length === 0
      ? 'no findings'
      : `${count(open.length, 'finding')}, ${count(wrong.length, 'waiver')} to mend`
  const skipped = checkov === 'ran' ? '' : `; checkov skipped: ${checkov.skipped}`
  return `${looked}: ${state}, ${waived.length} waived${skipped}`
}
const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`

/** The same thing of many resources is said once. */
const grouped = (findings: readonly Finding[]) =>
  [...Map.groupBy(findings, ({ rule, wrong }) => `${rule}\n${wrong}`).values()].map((same) => ({
    ...(same[0] as Finding),
    resources: same.map(({ resource }) => resource),
  }))

function text(outcome: Outcome): string[] {
  const findings = grouped(outcome.open).flatMap(({ severity, resources, wrong, fix, rule, source }) => [
    `${severity.toUpperCase().padEnd(7)} ${resources.join('\n        ')}`,
    `        ${wrong}`,
    `        do:    ${fix}`,
    `        rule:  ${rule} (${source})`,
    '',
  ])
  return [...findings, ...outcome.wrong.map((sentence) => `WAIVER  ${sentence}`), headline(outcome)]
}

const cell = (words: string) => words.replaceAll('|', '\\|').replaceAll('\n', ' ')

function markdown(outcome: Outcome): string[] {
  const rows = grouped(outcome.open).map(
    ({ severity, resources, wrong, fix, rule }) =>
      `| ${severity} | ${resources.map((resource) => `\`${resource}\``).join('<br>')} | ${cell(wrong)} | ${cell(fix)} | \`${rule}\` |`,
  )
  const table =
    rows.length > 0 ? ['', '| | Resource | What is wrong | What to do | Rule |', '|---|---|---|---|---|', ...rows] : []
  return [
    `### Review: ${passes(outcome) ? 'passed' : 'failed'}`,
    '',
    headline(outcome),
    ...table,
    ...(outcome.wrong.length > 0 ? ['', ...outcome.wrong.map((sentence) => `- ${sentence}`)] : []),
  ]
}
