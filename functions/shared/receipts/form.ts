/** The form of receipts: canonical JSON (RFC 8785), so that equal contents have equal bytes; hashes; what is signed. Pure. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Receipt, ReceiptHead, ReceiptItem } from '../../../contract/receipts.ts'
import { layout, retention } from '../../../platform.ts'

/** @throws TypeError for what JSON cannot say */
export function canonical(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('There is no JSON for this value')
  return text
}

export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

const digits = 10
/** `receipts/0000000001.json`: the keys sort as the numbers do. */
export const receiptKey = (number: number): string => `${layout.receipts}${receiptName(number)}`
export const receiptName = (number: number): string => `${String(number).padStart(digits, '0')}.json`
/** The number in a file's name; undefined for any other file. */
export const numberOfName = (name: string): number | undefined =>
  new RegExp(`^\\d{${digits}}\\.json$`).test(name) ? Number.parseInt(name, 10) : undefined

type Signed = Receipt | ReceiptHead
export type Unsigned<T extends Signed> = Omit<T, 'signature'>

/**
 * What is signed: the kind of statement, and the hash of everything in it but the signature. Short, because KMS signs
 * 4,096 bytes at most; the kind in front, so that no statement can be passed off as one of another kind.
 */
export function signedMessage(statement: Unsigned<Receipt> | Unsigned<ReceiptHead>): Uint8Array {
  const { signature: _signature, ...unsigned } = statement as Signed
  return Buffer.from(`${statement.schema}\n${sha256Hex(canonical(unsigned))}`)
}

/** @returns false also for a key that is none */
export function isSignatureOf(statement: Signed): boolean {
  const { public_key: key, value } = statement.signature
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
    return (
      publicKey.asymmetricKeyType === 'ed25519' &&
      verify(null, signedMessage(statement), publicKey, Buffer.from(value, 'base64'))
    )
  } catch {
    return false
  }
}

/** Short name of a key, for people to compare. */
export const fingerprint = (publicKey: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('base64url')}`

export const countsOf = (items: readonly ReceiptItem[]): Receipt['counts'] => {
  const sum = (name: 'versions' | 'markers' | 'uploads' | 'metadata_files' | 'rows') =>
    items.reduce((total, item) => total + item[name], 0)
  return {
    items: items.length,
    versions: sum('versions'),
    markers: sum('markers'),
    uploads: sum('uploads'),
    metadata_files: sum('metadata_files'),
    rows: sum('rows'),
  }
}

/** The terms by which this code deletes. */
export const policy: Receipt['policy'] = {
  images_seconds: retention.images / 1000,
  sha256: sha256Hex(canonical(retention)),
}

/** What `eraseImage` lists again, and finds empty, before an image becomes an item. */
export const checkedStores: readonly string[] = [
  'lake: every version and marker below images/',
  'lake: unfinished uploads below images/',
  'lake: every version and marker of the metadata file',
  'ledger: the row',
  'ledger: the idempotency row',
]
