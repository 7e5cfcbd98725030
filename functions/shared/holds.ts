/**
 * Legal holds as the runs table keeps them: which images are held now, and a record of every change. The hold itself is
 * in the image's row; the list only says where to look.
 */
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { HoldChange } from '../../contract/hold-schemas.ts'
import { retention, tables } from '../../platform.ts'
import { askLedger } from './ledger-queries.ts'
import { newRunId, rowsOfKind } from './runs.ts'

const { partitionKey, sortKey, ttlAttribute } = tables.runs
const kinds = { list: 'hold', change: 'hold-change' } as const

export type Holds = ReturnType<typeof createHolds>

export function createHolds(client: DynamoDBDocumentClient, table: string) {
  const put = (Item: Record<string, unknown>) =>
    askLedger(() => client.send(new PutCommand({ TableName: table, Item })))

  const query = (kind: string, limit?: number) => Array.fromAsync(rowsOfKind(client, table, kind, limit))

  /** Ids of images that are or have been held; few, and forgotten with the image. */
  const listed = async (): Promise<string[]> => (await query(kinds.list)).map((item) => item[sortKey] as string)

  const list = async (id: string): Promise<void> => {
    await put({ [partitionKey]: kinds.list, [sortKey]: id })
  }

  async function unlist(id: string): Promise<void> {
    const Key = { [partitionKey]: kinds.list, [sortKey]: id }
    await askLedger(() => client.send(new DeleteCommand({ TableName: table, Key })))
  }

  async function recordChange(change: HoldChange): Promise<void> {
    const at = Date.parse(change.at)
    const ttl = Math.ceil((at + retention.runs) / 1000)
    await put({ [partitionKey]: kinds.change, [sortKey]: newRunId(at), [ttlAttribute]: ttl, change })
  }

  /** The newest changes, newest first. */
  const changes = async (limit: number): Promise<HoldChange[]> =>
    (await query(kinds.change, limit)).map(({ change }) => change as HoldChange)

  return { listed, list, unlist, recordChange, changes }
}
