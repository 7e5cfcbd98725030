/** Changing a trigger. */
import type { StreamTrigger, StreamTriggerChange } from '../../contract/stream-work-schemas.ts'
import { RequestError } from '../shared/errors.ts'
import { refuseWhereChanged } from './expected.ts'
import type { StreamAdminParts } from './parts.ts'
import type { Values } from './records.ts'

export type AuditTrigger = (before: Values, after: Values, work: () => Promise<StreamTrigger>) => Promise<StreamTrigger>

type TriggerValues = Omit<StreamTriggerChange, 'expected'>

/**
 * @throws RequestError 400 where nothing is named, 404 where there is no such trigger, 409 where somebody else has changed
 *   what was to be changed
 */
export async function changeTrigger(
  { triggers }: Pick<StreamAdminParts, 'triggers'>,
  name: string,
  { expected, ...change }: StreamTriggerChange,
  audit: AuditTrigger,
): Promise<StreamTrigger> {
  const named = Object.keys(change) as (keyof TriggerValues)[]
  if (named.length === 0) throw new RequestError(400, 'nothing-to-change', 'Name enabled or a setting')
  const current = await triggers.get(name)
  const known: TriggerValues = { ...current.settings, enabled: !/^Disabl/.test(current.state) }
  refuseWhereChanged(known, expected)
  const values = (of: TriggerValues) => Object.fromEntries(named.map((one) => [one, String(of[one])]))
  return audit(values(known), values(change), () => triggers.change(name, change))
}
