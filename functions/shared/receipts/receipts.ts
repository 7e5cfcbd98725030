/** Receipts as the rest of the platform sees them: leave an entry for each erasure, and have them written down. */
import { randomUUID } from 'node:crypto'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { ReceiptItem } from '../../../contract/receipts.ts'
import type { Lake } from '../lake.ts'
import { type ChainSession, openChain, type Writer } from './chain.ts'
import { createHeads } from './heads.ts'
import { createIntents, type Intent, type Intents } from './intents.ts'
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
  /** For erasing many images together: see `intents.ts`. */
  readonly intents: Omit<Intents, 'fulfil'> & {
    /**
     * Ends an intent: each image in the map leaves an entry, each other one a closed row.
     * @returns whether it was this call that ended it
     */
    readonly fulfil: (intent: Intent, erased: ReadonlyMap<string, Erased>) => Promise<boolean>
  }
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
  const intents = createIntents(documents, tables, clock)
  async function itemsOf(erased: ReadonlyMap<string, Erased>): Promise<Map<string, ReceiptItem>> {
    const key = await itemKeys.current()
    const at = new Date(clock()).toISOString()
    const itemFor = (imageId: string, one: Erased): ReceiptItem => {
      return { ...one, entry: randomUUID(), item: itemOf(key, imageId), item_key: key.id, at }
    }
    return new Map([...erased].map(([imageId, one]) => [imageId, itemFor(imageId, one)]))
  }

  async function removeRow(imageId: string, erased: Erased): Promise<string | undefined> {
    const item = (await itemsOf(new Map([[imageId, erased]]))).get(imageId) as ReceiptItem
    return (await outbox.removeRow(imageId, item)) ? item.entry : undefined
  }

  return {
    removeRow,
    intents: { ...intents, fulfil: async (intent, erased) => intents.fulfil(intent, await itemsOf(erased)) },
    open: () => openChain({ lake, outbox, heads, signer, writer, clock }),
    destroyItemKeys: itemKeys.destroyOld,
  }
}
