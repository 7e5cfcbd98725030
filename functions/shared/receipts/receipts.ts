/** Receipts as the rest of the platform sees them: leave an entry for each erasure, and have them written down. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { ReceiptItem } from '../../../contract/receipts.ts'
import type { Lake } from '../lake.ts'
import { type ChainSession, openChain, type Writer } from './chain.ts'
import { createHeads } from './heads.ts'
import { createItemKeys, itemOf } from './item-keys.ts'
import { createOutbox } from './outbox.ts'
import type { ReceiptSigner } from './sign.ts'

/** What an erasure knows about itself. */
export type Erased = Omit<ReceiptItem, 'entry' | 'item' | 'item_key' | 'at'>

export type Receipts = {
  /**
   * Deletes an image's closed row, and leaves in its place an entry that names it only by an HMAC.
   * @returns the entry; undefined where there was no such row any more
   */
  readonly removeRow: (imageId: string, erased: Erased) => Promise<string | undefined>
  /** The same for many images (`mostRemoved` at most). @returns the entries of those whose rows it deleted, by image */
  readonly removeRows: (erased: ReadonlyMap<string, Erased>) => Promise<Map<string, string>>
  readonly open: () => ChainSession
  /** Destroys the keys of items that are old enough. @returns their ids */
  readonly destroyItemKeys: (now: number) => Promise<string[]>
}

export type ReceiptParts = {
  readonly documents: DynamoDBDocumentClient
  readonly tables: { readonly ledger: string; readonly runs: string }
  readonly lake: Pick<Lake, 'get' | 'putNew' | 'list'>
  readonly signer: ReceiptSigner
  readonly writer: Writer
  readonly clock: () => number
}

export function createReceipts({ documents, tables, lake, signer, writer, clock }: ReceiptParts): Receipts {
  const outbox = createOutbox(documents, tables)
  const itemKeys = createItemKeys(documents, tables.runs, clock)
  const heads = createHeads(documents, tables.runs)
  async function removeRows(erased: ReadonlyMap<string, Erased>): Promise<Map<string, string>> {
    const key = await itemKeys.current()
    const at = new Date(clock()).toISOString()
    const items = [...erased].map(([imageId, one]) => {
      return [imageId, { ...one, item: itemOf(key, imageId), item_key: key.id, at }] as const
    })
    return outbox.removeRows(new Map(items))
  }
  return {
    removeRow: async (imageId, erased) => (await removeRows(new Map([[imageId, erased]]))).get(imageId),
    removeRows,
    open: () => openChain({ lake, outbox, heads, signer, writer, clock }),
    destroyItemKeys: itemKeys.destroyOld,
  }
}
