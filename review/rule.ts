/** What a rule is, and how rules are held against the stacks. */
import type { Infrastructure, Resource } from './infrastructure.ts'

export const severities = ['high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

export type Rule = {
  /** `<subject>/<what>`, in words: it is what a waiver names. */
  readonly id: string
  /** What holds where all is well. */
  readonly title: string
  readonly severity: Severity
  /** What happens otherwise. */
  readonly why: string
  /** Where that is written. */
  readonly source: string
  /** What to do about a finding. */
  readonly fix: string
  /** Types of the resources it looks at. */
  readonly applies: readonly string[]
  /**
   * Pure: the same answer for the same stacks.
   * @returns what is wrong with this resource, in words; nothing where all is well
   */
  readonly check: (resource: Resource, all: Infrastructure) => Wrong
}
export type Wrong = string | false | undefined | readonly (string | false | undefined)[]

/** One thing that is wrong with one resource. */
export type Finding = {
  readonly rule: string
  readonly severity: Severity
  /** Our construct's path where we know it, Terraform's address otherwise. */
  readonly resource: string
  readonly wrong: string
  readonly fix: string
  readonly source: string
}

/** Every finding of every rule, the gravest first. */
export function findingsOf(rules: readonly Rule[], all: Infrastructure): Finding[] {
  const found = rules.flatMap(({ id, applies, check, severity, fix, source }) =>
    all.all(...applies).flatMap((resource) =>
      sentences(check(resource, all)).map((wrong) => ({
        rule: id,
        severity,
        resource: resource.path,
        wrong,
        fix,
        source,
      })),
    ),
  )
  return byGravity(found)
}

export const byGravity = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      one.resource.localeCompare(other.resource) ||
      one.rule.localeCompare(other.rule),
  )

const sentences = (wrong: Wrong): string[] =>
  (typeof wrong === 'object' ? wrong : [wrong]).filter((sentence) => typeof sentence === 'string')
