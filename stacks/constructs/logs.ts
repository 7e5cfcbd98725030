/** Log groups, encrypted, whose lines are forgotten in time. */
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js'
import { Construct } from 'constructs'
import { retention } from '../../platform.ts'
import { days } from './days.ts'
import type { EncryptionKey } from './key.ts'
import type { PlatformStack } from './platform-stack.ts'

/** CloudWatch Logs takes no other numbers of days (below half a year). */
const takenDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150]

export class LogGroup extends Construct {
  readonly name: string
  readonly arn: string

  constructor(stack: PlatformStack, id: string, props: { readonly name: string; readonly key: EncryptionKey }) {
    super(stack, id)
    const group = new CloudwatchLogGroup(this, 'group', {
      name: props.name,
      retentionInDays: logDays(retention.logs),
      kmsKeyId: props.key.arn,
    })
    this.name = group.name
    this.arn = group.arn
  }
}

/**
 * @param milliseconds how long a line may live
 * @returns the longest time that CloudWatch Logs takes and that does not exceed it
 * @throws RangeError for less than a day
 */
export function logDays(milliseconds: number): number {
  const longest = takenDays.findLast((taken) => taken <= days(milliseconds))
  if (longest === undefined) throw new RangeError('CloudWatch Logs keeps lines for a day at least')
  return longest
}
