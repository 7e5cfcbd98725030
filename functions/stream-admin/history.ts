/**
 * What was measured, kept in two rings of rows: each minute of the last day, and each quarter of an hour of the last week.
 * A row is written over when its place comes round again, so there are never more, whether or not DynamoDB's TTL works.
 */
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { type HistorySpan, historyRings, historySpans, retention, tables } from '../../platform.ts'
import { askLedger } from '../shared/ledger-queries.ts'
import type { Sample } from './history-points.ts'

const { partitionKey, sortKey, ttlAttribute } = tables.runs
type RingName = keyof typeof historyRings

export type History = {
  save(sample: Sample): Promise<void>
  /** Samples of the span that ends now, and perhaps older ones; in no order. */
  read(span: HistorySpan, now: number): Promise<Sample[]>
}

const kindOf = (ring: RingName) => `sample-${ring}`
/** As text of one length, which sorts like the number. */
const place = (slot: number) => String(slot).padStart(6, '0')

/** Where in its ring a moment lies. */
export function slotOf(ring: RingName, at: number): number {
  const { everyMs, slots } = historyRings[ring]
  return Math.floor(at / everyMs) % slots
}

export function createHistory(client: DynamoDBDocumentClient, table: string): History {
  async function query(ring: RingName, from: number, to: number): Promise<Sample[]> {
    const samples: Sample[] = []
    let after: Record<string, unknown> | undefined
    do {
      const { Items = [], LastEvaluatedKey } = await askLedger(() =>
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: '#kind = :kind AND #place BETWEEN :from AND :to',
            ExpressionAttributeNames: { '#kind': partitionKey, '#place': sortKey },
            ExpressionAttributeValues: { ':kind': kindOf(ring), ':from': place(from), ':to': place(to) },
            ExclusiveStartKey: after,
          }),
        ),
      )
      samples.push(...Items.map(({ sample }) => sample as Sample))
      after = LastEvaluatedKey
    } while (after)
    return samples
  }

  return {
    async save(sample) {
      for (const ring of Object.keys(historyRings) as RingName[]) {
        await askLedger(() =>
          client.send(
            new PutCommand({
              TableName: table,
              Item: {
                [partitionKey]: kindOf(ring),
                [sortKey]: place(slotOf(ring, sample.at)),
                [ttlAttribute]: Math.ceil((sample.at + retention.measurements) / 1000),
                sample,
              },
            }),
          ),
        )
      }
    },
    async read(span, now) {
      const { ring, lengthMs } = historySpans[span]
      const { slots, everyMs } = historyRings[ring]
      if (lengthMs >= slots * everyMs) return query(ring, 0, slots - 1)
      const [from, to] = [slotOf(ring, now - lengthMs), slotOf(ring, now)]
      // The ring may close between them.
      return from <= to
        ? query(ring, from, to)
        : [...(await query(ring, from, slots - 1)), ...(await query(ring, 0, to))]
    },
  }
}
