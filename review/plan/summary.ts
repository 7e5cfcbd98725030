/** A plan in words, for a terminal or for a comment on a pull request. What would lose data comes first. */
import { lookedUp, region } from '../prices.ts'
import type { Format } from '../report.ts'
import { type Estimate, estimate } from './cost.ts'
import { type PermissionChange, permissionChanges } from './permissions.ts'
import { type Change, type Kind, kinds, type Loss, lossesOf, type Plan } from './plan.ts'

export type Summary = {
  readonly plans: readonly Plan[]
  /** What would be lost and nobody has allowed: it blocks. */
  readonly blocking: readonly Loss[]
  readonly allowed: readonly Loss[]
  /** Labels that were allowed and that no plan destroys: a slip of the pen, which blocks too. */
  readonly misplaced: readonly string[]
  readonly permissions: readonly PermissionChange[]
  readonly cost: Estimate
}

/** @param allow labels `<stack>/<address>` of resources that may be lost */
export function summarize(plans: readonly Plan[], allow: readonly string[] = []): Summary {
  const losses = lossesOf(plans)
  const isAllowed = ({ change }: Loss) => allow.includes(change.label)
  return {
    plans,
    blocking: losses.filter((loss) => !isAllowed(loss)),
    allowed: losses.filter(isAllowed),
    misplaced: allow.filter((label) => !losses.some(({ change }) => change.label === label)),
    permissions: permissionChanges(plans.flatMap(({ changes }) => changes)),
    cost: estimate(plans),
  }
}

export const mayBeApplied = ({ blocking, misplaced }: Summary): boolean => blocking.length + misplaced.length === 0

export const summaryText = (summary: Summary, format: Format): string => {
  const { list, title, code } = styles[format]
  const sections: [string, readonly string[]][] = [
    ...kindSections(summary),
    ['Would get another address', summary.plans.flatMap(({ moved }) => moved)],
    ['Permissions', summary.permissions.flatMap(permissionLines)],
    ['Cost a month', costLines(summary.cost)],
  ]
  return [
    title(firstLine(summary)),
    ...summary.blocking.slice(1).map((loss) => list(lossWords(loss))),
    ...(summary.blocking.length > 0
      ? [
          list(
            `If that is meant: ${code(summary.blocking.map(({ change }) => `--allow-data-loss '${change.label}'`).join(' '))}`,
          ),
        ]
      : []),
    ...summary.allowed.map((loss) => list(`allowed: ${lossWords(loss)}`)),
    ...summary.misplaced.map((label) => list(`--allow-data-loss ${label} names nothing that would be lost`)),
    ...sections.flatMap(([heading, lines]) => (lines.length > 0 ? ['', title(heading), ...lines.map(list)] : [])),
  ].join('\n')
}

const styles = {
  text: { title: (words: string) => words, list: (line: string) => `  ${line}`, code: (words: string) => words },
  markdown: {
    title: (words: string) => `#### ${words}`,
    list: (line: string) => `- ${line}`,
    code: (words: string) => `\`${words}\``,
  },
} as const

const past = {
  create: 'created',
  change: 'changed',
  replace: 'replaced',
  destroy: 'destroyed',
  forget: 'forgotten',
} as const

function firstLine({ plans, blocking, misplaced, allowed }: Summary): string {
  const [first] = blocking
  if (first) return `BLOCKED: ${lossWords(first)}${blocking.length > 1 ? `, and ${blocking.length - 1} more` : ''}`
  const changes = plans.flatMap((plan) => plan.changes)
  const counts = kinds
    .map((kind) => [kind, changes.filter((change) => change.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${past[kind]}`)
  const what = counts.length > 0 ? counts.join(', ') : 'nothing changes'
  const data = allowed.length > 0 ? 'data is lost as allowed' : 'nothing that holds data is replaced or destroyed'
  return `${misplaced.length > 0 ? 'BLOCKED: a label names nothing; ' : ''}Plan of ${plans.length} stacks: ${what}; ${data}`
}

const lossWords = ({ change, what }: Loss) =>
  `${change.label} would be ${past[change.kind]}${reason(change)}, and with it ${what}`

/** Which arguments force it, or Terraform's own reason. */
function reason({ change: { replace_paths: paths = [] }, action_reason: because }: Change): string {
  if (paths.length > 0) return ` because of ${paths.map((path) => path.join('.')).join(', ')}`
  return because ? ` (${because.replaceAll('_', ' ')})` : ''
}

/** What is hardest to undo comes first. */
const inOrder: readonly Kind[] = ['destroy', 'replace', 'forget', 'change', 'create']

const kindSections = ({ plans }: Summary): [string, string[]][] =>
  inOrder.map((kind) => [
    `Would be ${past[kind]}`,
    plans.flatMap(({ changes }) =>
      changes
        .filter((change) => change.kind === kind)
        .map((change) => `${change.label}${reason(change)}${differences(change)}`),
    ),
  ])

/** Names of the arguments that change. */
function differences({ kind, change: { before, after, after_unknown: unknown } }: Change): string {
  if (kind !== 'change') return ''
  const names = new Set([
    ...Object.keys(before ?? {}),
    ...Object.keys(after ?? {}),
    ...(typeof unknown === 'object' ? Object.keys(unknown) : []),
  ])
  const differing = [...names].filter(
    (name) =>
      JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]) &&
      // Terraform leaves out of `after` what it does not know yet.
      !(after?.[name] === undefined && typeof unknown === 'object' && !unknown[name]),
  )
  return differing.length > 0 ? `: ${differing.join(', ')}` : ''
}

const permissionLines = ({ label, gained, lost, unknown }: PermissionChange): string[] => [
  ...gained.map((line) => `+ ${label}: ${line}`),
  ...lost.map((line) => `− ${label}: ${line}`),
  ...(unknown ? [`? ${label}: known only when applied`] : []),
]

function costLines({ before, after, unknown, byUse }: Estimate): string[] {
  const dollars = (amount: number) => `$${amount.toFixed(2)}`
  const change = after - before
  return [
    `${dollars(after)}${unknown.length > 0 ? ' and more' : ''} by being there (${change < 0 ? '−' : '+'}${dollars(Math.abs(change))}); prices of ${region}, looked up on ${lookedUp} (review/prices.ts)`,
    ...(unknown.length > 0 ? [`not counted, for want of a price: ${unknown.join(', ')}`] : []),
    ...(byUse.length > 0 ? [`and by use: ${byUse.join(', ')}`] : []),
  ]
}
