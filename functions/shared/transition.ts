/** What one conditional write of a ledger row says, as DynamoDB takes it. Pure. */
import type { Status } from './image.ts'

/** What must hold of a row. */
export type Premise = {
  /** The statuses in which the change is allowed. Any where it is absent, and then another premise says that there is a row. */
  readonly from?: readonly Status[] | undefined
  /** Only where the row belongs to this person. */
  readonly owner?: string | undefined
  /** Only where the row does not have this attribute yet. */
  readonly absent?: string
  /** Only where the row's time has come by then, in epoch milliseconds. */
  readonly dueBy?: number | undefined
  /** Only where no legal hold stands by then. */
  readonly notHeldAt?: number | undefined
  /** Only where these are still as they were read; undefined means absent. */
  readonly unchanged?: Readonly<Record<string, unknown>>
}

export type Change = Premise & {
  /** Values that are undefined are left alone. */
  readonly set: Readonly<Record<string, unknown>>
  readonly add?: Readonly<Record<string, number>>
  readonly remove?: readonly string[]
}

/** An update of a row on its premise. */
export function updateOf({ set, add = {}, remove = [], ...premise }: Change) {
  const { name, value, ...given } = placeholders()
  const assignments = Object.entries(set)
    .filter(([, given]) => given !== undefined)
    .map(([attribute, given]) => `${name(attribute)} = ${value(attribute, given)}`)
  const additions = Object.entries(add).map(([attribute, by]) => `${name(attribute)} ${value(attribute, by)}`)
  const removals = remove.map(name)
  const clauses = [
    assignments.length > 0 && `SET ${assignments.join(', ')}`,
    additions.length > 0 && `ADD ${additions.join(', ')}`,
    removals.length > 0 && `REMOVE ${removals.join(', ')}`,
  ].filter((clause) => clause !== false)
  return { UpdateExpression: clauses.join(' '), ConditionExpression: conditionOf(premise, name, value), ...given }
}

/** The condition alone, for a deletion. */
export function onlyWhere(premise: Premise) {
  const { name, value, ...given } = placeholders()
  return { ConditionExpression: conditionOf(premise, name, value), ...given }
}

type Placeholders = ReturnType<typeof placeholders>

/** Names and values of one request, filled while its expressions are written. */
function placeholders() {
  const ExpressionAttributeNames: Record<string, string> = {}
  const ExpressionAttributeValues: Record<string, unknown> = {}
  const name = (attribute: string) => {
    ExpressionAttributeNames[`#${attribute}`] = attribute
    return `#${attribute}`
  }
  const value = (label: string, given: unknown) => {
    ExpressionAttributeValues[`:${label}`] = given
    return `:${label}`
  }
  return { name, value, ExpressionAttributeNames, ExpressionAttributeValues }
}

function conditionOf(
  { from, owner, absent, dueBy, notHeldAt, unchanged = {} }: Premise,
  name: Placeholders['name'],
  value: Placeholders['value'],
): string {
  const conditions: string[] = []
  if (from)
    conditions.push(`${name('status')} IN (${from.map((status) => value(`from_${status}`, status)).join(', ')})`)
  if (owner !== undefined) conditions.push(`${name('ownerId')} = ${value('only_owner', owner)}`)
  if (absent !== undefined) conditions.push(`attribute_not_exists(${name(absent)})`)
  if (dueBy !== undefined) conditions.push(`${name('expiresAt')} <= ${value('due_by', dueBy)}`)
  if (notHeldAt !== undefined) {
    const held = name('heldUntil')
    conditions.push(`(attribute_not_exists(${held}) OR ${held} <= ${value('held_at', notHeldAt)})`)
  }
  for (const [attribute, given] of Object.entries(unchanged)) {
    const found = name(attribute)
    conditions.push(
      given === undefined ? `attribute_not_exists(${found})` : `${found} = ${value(`was_${attribute}`, given)}`,
    )
  }

  return conditions.join(' AND ')
}
