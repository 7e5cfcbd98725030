/** What a plan changes in permissions, one line for each thing that somebody may do, so that one can read it. */
import type { Arguments } from '../infrastructure.ts'
import { blocks } from '../infrastructure.ts'
import { statementsOf } from '../policy.ts'
import type { Change } from './plan.ts'

export type PermissionChange = {
  readonly label: string
  readonly gained: readonly string[]
  readonly lost: readonly string[]
  /** The permissions are known only when the plan is applied. */
  readonly unknown: boolean
}

const policyArguments = ['policy', 'assume_role_policy', 'resource_policy']

/** @returns changes of permissions alone; a policy that was only written differently is none */
export function permissionChanges(changes: readonly Change[]): PermissionChange[] {
  return changes
    .map(({ label, type, change: { before, after, after_unknown: unknown } }) => {
      const [had, has] = [new Set(linesOf(type, before)), new Set(linesOf(type, after))]
      return {
        label,
        gained: [...has.difference(had)],
        lost: [...had.difference(has)],
        unknown: policyArguments.some((name) => typeof unknown === 'object' && unknown[name] === true),
      }
    })
    .filter(({ gained, lost, unknown }) => gained.length + lost.length > 0 || unknown)
}

function linesOf(type: string, args: Arguments | null): string[] {
  if (!args) return []
  return [...policyArguments.flatMap((name) => linesOfPolicy(args[name])), ...(others[type]?.(args) ?? [])]
}

const linesOfPolicy = (document: unknown): string[] =>
  statementsOf(document).flatMap(({ allows, actions, resources, principals, conditions, inverted }) => {
    const who = principals.length > 0 ? `${principals.join(', ')}: ` : ''
    const when = conditions.length > 0 ? `, if ${conditions.join(' and ')}` : ''
    const verb = allows ? 'may' : 'may not'
    if (inverted) return [`${who}${verb} do all but what a NotAction, NotResource or NotPrincipal names${when}`]
    return actions.flatMap((action) =>
      (resources.length > 0 ? resources : ['']).map(
        (resource) => `${who}${verb} ${action}${resource && ` on ${resource}`}${when}`,
      ),
    )
  })

const others: Readonly<Record<string, (args: Arguments) => string[]>> = {
  aws_lambda_permission: ({ principal, function_name: name, source_arn: source }) => [
    `${principal} may call ${name}${source ? ` from ${source}` : ''}`,
  ],
  aws_iam_role_policy_attachment: ({ role, policy_arn: policy }) => [`${role} has ${policy}`],
  aws_vpc_security_group_ingress_rule: (rule) => [`${sourceOf(rule)} may come in on ${portsOf(rule)}`],
  aws_vpc_security_group_egress_rule: (rule) => [`may go out to ${sourceOf(rule)} on ${portsOf(rule)}`],
  databricks_permissions: ({ access_control: control }) =>
    blocks(control).map(
      (entry) => `${entry.group_name ?? entry.user_name ?? entry.service_principal_name} ${entry.permission_level}`,
    ),
  databricks_grants: ({ grant }) =>
    blocks(grant).flatMap(({ principal, privileges }) =>
      blocks(privileges).map((privilege) => `${principal} ${String(privilege)}`),
    ),
}

const sourceOf = ({ cidr_ipv4, cidr_ipv6, prefix_list_id, referenced_security_group_id }: Arguments) =>
  cidr_ipv4 ?? cidr_ipv6 ?? prefix_list_id ?? referenced_security_group_id ?? '(known when applied)'
const portsOf = ({ ip_protocol: protocol, from_port: from, to_port: to }: Arguments) =>
  protocol === '-1' ? 'every port' : `${protocol} ${from === to ? from : `${from}–${to}`}`
