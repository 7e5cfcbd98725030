/** The event with which EventBridge calls a function on a schedule. */
import { randomUUID } from 'node:crypto'
import type { ScheduledEvent } from 'aws-lambda'

const account = '000000000000'

/** @param time epoch milliseconds; EventBridge gives whole seconds */
export const scheduledEvent = (time: number, region: string, rule: string): ScheduledEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account,
  time: `${new Date(time).toISOString().slice(0, 19)}Z`,
  region,
  resources: [`arn:aws:events:${region}:${account}:rule/${rule}`],
  detail: {},
})
