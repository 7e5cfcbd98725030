/**
 * What the console keeps: who changed what and when, and which quarantined records were taken off the list. Rows of the
 * runs table, without names of people or images: the subject of the token, counts, and positions in a topic.
 */
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { StreamChange } from '../../contract/stream-work-schemas.ts'
import { retention, tables } from '../../platform.ts'
import { askLedger } from '../shared/ledger-queries.ts'
import { newestOfKind, newRunId } from '../shared/runs.ts'
import type { Actor } from './actor.ts'

const { partitionKey, sortKey, ttlAttribute } = tables.runs
const kinds = { changes: 'audit', looks: 'look', discard: 'discard' } as const
/** Changes of the stream; and looks at photographs, apart so that they do not bury the changes. */
export type RecordKind = 'changes' | 'looks'

export type Values = Readonly<Record<string, string>>
export type Intent = {
  readonly actor: Actor
  /** In words joined by hyphens: `topic-settings`, `trigger`, … */
  readonly action: string
  readonly target: string
  readonly before: Values
  readonly after: Values
  readonly request: string
}
export type Discard = { readonly position: string; readonly by: string; readonly at: number }

export type Records = {
  /** Carries a change out between two writes: no change without a record, whatever happens in between. */
  audited<T>(intent: Intent, work: () => Promise<T>, kind?: RecordKind): Promise<T>
  changes(limit: number, kind?: RecordKind): Promise<StreamChange[]>
  discard(discards: readonly Discard[]): Promise<void>
  /** Positions in the quarantine topic that are off the list. */
  discarded(): Promise<Set<string>>
}

export function createRecords(client: DynamoDBDocumentClient, table: string, clock: () => number): Records {
  const put = (kind: string, run: string, row: object, keepMs: number) =>
    askLedger(() =>
      client.send(
        new PutCommand({
          TableName: table,
          Item: {
            ...row,
            [partitionKey]: kind,
            [sortKey]: run,
            [ttlAttribute]: Math.ceil((clock() + keepMs) / 1000),
          },
        }),
      ),
    )

  const query = (kind: string, page: { limit?: number; after?: Record<string, unknown> | undefined }) =>
    askLedger(() => client.send(new QueryCommand(newestOfKind(table, kind, page))))

  return {
    async audited({ actor, ...intent }, work, kind = 'changes') {
      const at = clock()
      const id = newRunId(at)
      const row = { ...intent, id, at: new Date(at).toISOString(), by: actor.id, role: actor.role }
      const write = (outcome: StreamChange['outcome']) => put(kinds[kind], id, { ...row, outcome }, retention.runs)
      await write('begun')
      try {
        const result = await work()
        await write('done')
        return result
      } catch (error) {
        await write('failed').catch(() => {})
        throw error
      }
    },
    async changes(limit, kind = 'changes') {
      const { Items = [] } = await query(kinds[kind], { limit })
      return Items.map(
        ({ [partitionKey]: _kind, [sortKey]: _run, [ttlAttribute]: _ttl, ...row }) => row as StreamChange,
      )
    },
    async discard(discards) {
      // A receipt is of no use once the record itself has left Kafka.
      for (const { position, by, at } of discards) {
        await put(kinds.discard, position, { by, at: new Date(at).toISOString() }, retention.images)
      }
    },
    async discarded() {
      const positions = new Set<string>()
      let after: Record<string, unknown> | undefined
      do {
        const { Items = [], LastEvaluatedKey } = await query(kinds.discard, { after })
        for (const item of Items) positions.add(item[sortKey] as string)
        after = LastEvaluatedKey
      } while (after)
      return positions
    },
  }
}
