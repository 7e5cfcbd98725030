/** Chains of receipts in memory, made by the platform's own writer, and what a forger would do to them. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Receipt, ReceiptHead, ReceiptItem } from '../../../contract/receipts.ts'
import { type ChainParts, openChain, type RunStatement } from '../../../functions/shared/receipts/chain.ts'
import {
  canonical,
  countsOf,
  receiptKey,
  receiptName,
  sha256Hex,
  signedMessage,
} from '../../../functions/shared/receipts/form.ts'
import { signerOf } from '../../../functions/shared/receipts/sign.ts'

export type Files = Map<string, Buffer>

const uuid = (seed: string) => {
  const hex = createHash('sha256').update(seed).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** @param at epoch milliseconds */
export function itemAt(seed: string, at: number, given: Partial<ReceiptItem> = {}): ReceiptItem {
  const time = new Date(at).toISOString()
  return {
    entry: uuid(seed),
    item: sha256Hex(seed),
    item_key: `${time.slice(0, 10)}-0badcafe`,
    reason: 'due',
    at: time,
    cut_off: time,
    versions: 3,
    markers: 0,
    uploads: 0,
    metadata_files: 1,
    rows: 1,
    version_ids: ['a', 'b', 'c', 'd'].map((letter) => `${seed}-${letter}`),
    ...given,
  }
}

const hour = 3_600_000

/** Runs by the hour, with an erasure on request after each: two receipts an hour. */
export async function makeChain(hours: number, from: number) {
  const privateKey = generateKeyPairSync('ed25519').privateKey
  let now = from
  const objects = new Map<string, Buffer>()
  let waiting: ReceiptItem[] = []
  let head: ReceiptHead | undefined
  const parts = (name: Receipt['writer']): ChainParts => ({
    lake: {
      get: async (key) => objects.get(key),
      async putNew(key, body) {
        if (objects.has(key)) return { existed: true }
        objects.set(key, Buffer.from(body))
        return { existed: false }
      },
      async *list() {},
    },
    outbox: {
      pending: async (most) => ({ items: waiting.slice(0, most), more: waiting.length > most }),
      async settle(entries) {
        waiting = waiting.filter(({ entry }) => !entries.includes(entry))
      },
    },
    heads: {
      read: async () => head,
      async save(next) {
        head = next
      },
    },
    signer: signerOf(privateKey),
    writer: { name, codeVersion: 'f'.repeat(64) },
    clock: () => now,
  })
  for (let n = 0; n < hours; n += 1) {
    now = from + n * hour
    const id = `run-${n}`
    waiting.push(itemAt(`${id}-x`, now, { run: id }), itemAt(`${id}-y`, now, { run: id }))
    await openChain(parts('purge')).issue(runAt(id, now), n === 2 ? [`${dayOf(now - 8 * 24 * hour)}-01234567`] : [])
    now += hour / 2
    waiting.push(itemAt(`asked-${n}`, now, { reason: 'request' }))
    await openChain(parts('images')).issue()
  }
  const files: Files = new Map([...objects].map(([key, bytes]) => [key.split('/')[1] as string, bytes]))
  files.set('head.json', Buffer.from(canonical(head)))
  return { files, privateKey, now }
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

const runAt = (id: string, at: number): RunStatement => ({
  id,
  started_at: new Date(at - 1000).toISOString(),
  finished_at: new Date(at).toISOString(),
  cut_off: new Date(at).toISOString(),
  images: 2,
  versions: 6,
  markers: 0,
  uploads: 0,
  metadata_files: 2,
  rows: 2,
  orphan_objects: 0,
  orphan_rows: 0,
  failure_records: 0,
  failed: 0,
  complete: true,
})

export const otherKey = generateKeyPairSync('ed25519').privateKey

export const readIn = (files: Files, number: number): Receipt =>
  JSON.parse((files.get(receiptName(number)) as Buffer).toString())
export const headIn = (files: Files): ReceiptHead => JSON.parse((files.get('head.json') as Buffer).toString())

/** Signs anew, as only the holder of a key can. */
export async function signed<T extends Receipt | ReceiptHead>(statement: T, key: KeyObject): Promise<T> {
  const publicKey = await signerOf(key).publicKey()
  const value = sign(null, signedMessage(statement), key).toString('base64')
  return { ...statement, signature: { algorithm: 'Ed25519', public_key: publicKey, value } }
}

/** Puts a receipt into the folder as it is. */
export const write = (files: Files, receipt: unknown, number: number): Files =>
  files.set(receiptName(number), Buffer.from(canonical(receipt)))

/** Changes one receipt and leaves its signature. */
export const alter = (files: Files, number: number, change: (receipt: Receipt) => object): Files =>
  write(files, { ...readIn(files, number), ...change(readIn(files, number)) }, number)

/** Changes one receipt and signs everything from there on anew, hashes and head included: what an insider could do. */
export async function rewrite(
  files: Files,
  number: number,
  key: KeyObject,
  change: (receipt: Receipt) => Partial<Receipt> = () => ({}),
): Promise<Files> {
  for (let n = number; files.has(receiptName(n)); n += 1) {
    const receipt = { ...readIn(files, n), ...(n === number ? change(readIn(files, n)) : {}) }
    const before = files.get(receiptName(n - 1))
    const previous =
      n > number && before
        ? { number: n - 1, sha256: sha256Hex(before), issued_at: readIn(files, n - 1).issued_at }
        : receipt.previous
    write(files, await signed({ ...receipt, previous }, key), n)
  }
  return headTo(files, lastOf(files), key)
}

/** Changes items and counts them anew. */
export const withItems = (change: (items: ReceiptItem[]) => ReceiptItem[]) => (receipt: Receipt) => {
  const items = change(receipt.items)
  return { items, counts: countsOf(items) }
}

export const lastOf = (files: Files): number =>
  Math.max(...[...files.keys()].filter((name) => name !== 'head.json').map((name) => Number.parseInt(name, 10)))

/** Writes a head that names a receipt. */
export async function headTo(files: Files, number: number, key: KeyObject, given: Partial<ReceiptHead> = {}) {
  const { chain, issued_at } = readIn(files, number)
  const sha256 = sha256Hex(files.get(receiptName(number)) as Buffer)
  const head = { ...headIn(files), chain, number, sha256, issued_at, ...given }
  return files.set('head.json', Buffer.from(canonical(await signed(head, key))))
}

export { receiptKey, receiptName }
