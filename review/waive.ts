/** Holds findings against the waivers. */
import type { Finding } from './rule.ts'
import { mostWaivers, type Waiver } from './waivers.ts'

export type Waived = {
  /** What no waiver covers. */
  readonly open: readonly Finding[]
  readonly waived: readonly { readonly finding: Finding; readonly waiver: Waiver }[]
  /** What is wrong with the waivers themselves; each fails the review. */
  readonly wrong: readonly string[]
}

export type WaiveOptions = {
  /** `YYYY-MM-DD`, in UTC. */
  readonly today: string
  /** Whether a check was run at all: a waiver for one that was not is not called unused. */
  readonly ran: (check: string) => boolean
}

/**
 * An expired waiver covers nothing. One of whose checks nothing is found any more is reported, check by check, so that the
 * list says what is so today.
 */
export function waive(findings: readonly Finding[], waivers: readonly Waiver[], { today, ran }: WaiveOptions): Waived {
  const valid = waivers.filter(({ expires }) => expires >= today)
  const covering = (finding: Finding) => valid.find((waiver) => covers(waiver, finding))
  return {
    open: findings.filter((finding) => !covering(finding)),
    waived: findings.flatMap((finding) => {
      const waiver = covering(finding)
      return waiver ? [{ finding, waiver }] : []
    }),
    wrong: [
      ...(waivers.length > mostWaivers ? [`There are ${waivers.length} waivers, ${mostWaivers} is the most`] : []),
      ...waivers.flatMap((waiver) => formErrors(waiver, today)),
      ...waivers
        .filter(({ expires }) => expires < today)
        .map((waiver) => `The waiver for ${nameOf(waiver)} (${waiver.owner}) expired on ${waiver.expires}`),
      ...valid.flatMap((waiver) =>
        waiver.checks
          .filter(ran)
          .filter((check) => !findings.some((finding) => finding.rule === check && covers(waiver, finding)))
          .map((check) => `The waiver of ${check} for ${waiver.resource} (${waiver.owner}) is not used: remove it`),
      ),
    ],
  }
}

const nameOf = ({ checks, resource }: Waiver) => `${checks.join(', ')} on ${resource}`

const covers = ({ resource, checks }: Waiver, finding: Finding): boolean =>
  checks.includes(finding.rule) &&
  new RegExp(`^${resource.split('*').map(RegExp.escape).join('.*')}$`).test(finding.resource)

const day = /^\d{4}-\d{2}-\d{2}$/

function formErrors(waiver: Waiver, today: string): string[] {
  const { owner, reason, expires } = waiver
  const name = nameOf(waiver)
  return [
    ...(owner.trim() ? [] : [`The waiver for ${name} has no owner`]),
    // Shorter than this, nobody can tell later whether it still holds.
    ...(reason.trim().length >= 20 ? [] : [`The waiver for ${name} gives no reason`]),
    ...(day.test(expires) && !Number.isNaN(Date.parse(expires))
      ? []
      : [`The waiver for ${name} has no day on which it ends`]),
    ...(Date.parse(expires) - Date.parse(today) > 366 * 86_400_000
      ? [`The waiver for ${name} holds for longer than a year`]
      : []),
  ]
}
