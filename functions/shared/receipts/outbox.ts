/**
 * Erasures that no receipt tells of yet. An image's row, or the intent that names it, goes and its entry comes in one
 * transaction: nothing is erased without an entry, and an entry stays until a receipt holds it. Entries that came together
 * lie in one row and go into one receipt together, so that a purge writes one row for many images, and deletes one.
 */
import { randomUUID } from 'node:crypto'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { z } from 'zod'
import { type ReceiptItem, receiptItem } from '../../../contract/receipts.ts'
import { tables } from '../../../platform.ts'
import { chunks } from '../chunks.ts'
import { condition } from '../condition.ts'
import { listInText, rowsOfKind } from '../runs.ts'
import { type Action, mostActions, writeAll } from '../transactions.ts'

const { partitionKey, sortKey } = tables.runs
const kind = 'receipt-pending'

export type Outbox = ReturnType<typeof createOutbox>

/** What waits in one row. */
type Waiting = { readonly row: string; readonly items: readonly ReceiptItem[] }

const waitingItems = listInText(z.array(receiptItem).min(1))

/** @param tableNames of the ledger, where rows end, and of the runs, where entries wait */
export function createOutbox(client: DynamoDBDocumentClient, tableNames: { ledger: string; runs: string }) {
  /**
   * Deletes the closed row of an image and leaves its entry, both or neither.
   * @returns whether it was this call that deleted the row
   */
  async function removeRow(imageId: string, item: ReceiptItem): Promise<boolean> {
    const actions: Action[] = [
      {
        Delete: {
          TableName: tableNames.ledger,
          Key: { [tables.ledger.partitionKey]: imageId },
          ...condition('#status = :purged', { ':purged': 'purged' }),
        },
      },
      entriesRow(tableNames.runs, [item]),
    ]
    return (await writeAll(client, new Map([[imageId, actions]]))).has(imageId)
  }

  /**
   * Entries that wait, `most` of them at most, and all of each row that gives any.
   * @returns also whether there are others
   */
  async function pending(most: number): Promise<{ items: ReceiptItem[]; more: boolean }> {
    const items: ReceiptItem[] = []
    rowsSeen = new Map()
    for await (const waiting of all()) {
      if (items.length > 0 && items.length + waiting.items.length > most) return { items, more: true }
      items.push(...waiting.items)
      for (const { entry } of waiting.items) rowsSeen.set(entry, waiting.row)
    }
    return { items, more: false }
  }

  /** By entry, the rows that `pending` has read last: whoever makes a receipt of them need not read them again. */
  let rowsSeen = new Map<string, string>()

  /** Every row that waits, in the same order each time. */
  async function* all(): AsyncGenerator<Waiting> {
    for await (const item of rowsOfKind(client, tableNames.runs, kind)) {
      yield { row: item[sortKey] as string, items: waitingItems.parse(item.items) }
    }
  }

  /** Forgets entries that a receipt holds, which come as whole rows. Repeating it changes nothing. */
  async function settle(entries: readonly string[]): Promise<void> {
    const seen = entries.flatMap((entry) => rowsSeen.get(entry) ?? [])
    const rows = seen.length === entries.length ? new Set(seen) : await rowsOf(new Set(entries))
    for (const some of chunks([...rows], mostActions)) {
      // A transaction and no BatchWriteItem: DynamoDB Local takes several times as long for a quarter of the rows.
      await writeAll(client, new Map(some.map((row) => [row, [settlementOf(row)]])))
    }
  }

  /** The rows all of whose entries are held; empties the set as far as it finds them. */
  async function rowsOf(held: Set<string>): Promise<Set<string>> {
    const rows = new Set<string>()
    for await (const { row, items } of all()) {
      if (held.size === 0) break
      if (!items.every(({ entry }) => held.has(entry))) continue
      rows.add(row)
      for (const { entry } of items) held.delete(entry)
    }
    return rows
  }

  const settlementOf = (row: string): Action => ({
    Delete: { TableName: tableNames.runs, Key: { [partitionKey]: kind, [sortKey]: row } },
  })

  return { removeRow, pending, settle }
}

/** Puts entries that came together into a row of their own. */
export const entriesRow = (table: string, items: readonly ReceiptItem[]): Action => ({
  Put: { TableName: table, Item: { [partitionKey]: kind, [sortKey]: randomUUID(), items: JSON.stringify(items) } },
})
