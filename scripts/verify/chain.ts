/** Holds receipts against each other, against the head, and against what an earlier check has seen. Pure. */
import { retention } from '../../platform.ts'
import { type Finding, finding } from './findings.ts'
import { headName, type ReadFolder, type ReadReceipt } from './read.ts'

/**
 * What an earlier check has seen, or somebody was told by another way. Whoever holds the signing key can write a whole
 * new chain that is right in itself; only what is remembered elsewhere shows it.
 */
export type Anchor = {
  readonly chain: string
  /** Public keys that are trusted, as in the receipts. */
  readonly keys: readonly string[]
  readonly number: number
  readonly sha256: string
}

/** Clocks of those who write and of those who check differ by less than this. */
const clockSkewMs = 5 * 60_000

/** @param now epoch milliseconds */
export function checkChain({ receipts, head }: ReadFolder, anchor: Anchor | undefined, now: number): Finding[] {
  return [
    ...checkLinks(receipts),
    ...checkFirst(receipts, now),
    ...checkKeys(receipts, anchor),
    ...checkItems(receipts),
    ...checkHead({ receipts, head }),
    ...(anchor ? checkAnchor(receipts, anchor, now) : []),
    ...receipts
      .filter(({ receipt }) => Date.parse(receipt.issued_at) > now + clockSkewMs)
      .map(({ file, receipt }) => finding('from-the-future', file, receipt.issued_at)),
  ]
}

function checkLinks(receipts: readonly ReadReceipt[]): Finding[] {
  return receipts.slice(1).flatMap(({ file, receipt }, n) => {
    const before = receipts[n] as ReadReceipt
    const found: Finding[] = []
    const { previous } = receipt
    if (receipt.chain !== before.receipt.chain) found.push(finding('chain-differs', file))
    if (receipt.number !== before.receipt.number + 1) {
      found.push(finding('missing', file, `${before.receipt.number + 1} to ${receipt.number - 1}`))
    } else if (previous?.number !== before.receipt.number) {
      found.push(finding('link-number', file))
    } else {
      if (previous.sha256 !== before.sha256) found.push(finding('link-broken', file))
      if (previous.issued_at !== before.receipt.issued_at) found.push(finding('link-time', file))
    }
    if (receipt.issued_at < before.receipt.issued_at) found.push(finding('time-reversed', file))
    return found
  })
}

/** Receipts end after their own retention, the oldest first; sooner, somebody has taken them away. */
const mayHaveEnded = (issuedAt: string, now: number) => Date.parse(issuedAt) <= now - retention.runs

function checkFirst([first]: readonly ReadReceipt[], now: number): Finding[] {
  if (!first) return []
  const { number, previous } = first.receipt
  if (number === 1) return previous ? [finding('link-number', first.file, 'the first one has none before it')] : []
  if (!previous || previous.number !== number - 1) return [finding('link-number', first.file)]
  return mayHaveEnded(previous.issued_at, now) ? [] : [finding('first-missing', first.file, `1 to ${number - 1}`)]
}

function checkKeys(receipts: readonly ReadReceipt[], anchor: Anchor | undefined): Finding[] {
  const first = receipts[0]?.receipt.signature.public_key
  return receipts.flatMap(({ file, receipt }) => {
    const key = receipt.signature.public_key
    if (anchor) return anchor.keys.includes(key) ? [] : [finding('key-not-trusted', file)]
    return key === first ? [] : [finding('key-changed', file)]
  })
}

function checkItems(receipts: readonly ReadReceipt[]): Finding[] {
  const found: Finding[] = []
  const entries = new Set<string>()
  const perRun = new Map<string, number>()
  const runs = new Set<string>()
  /** When, by key; in epoch milliseconds. */
  const destroyed = new Map<string, number>()
  // Where the first receipts have ended, those of a run may have ended in its midst.
  const whole = receipts[0]?.receipt.number === 1
  for (const { file, receipt } of receipts) {
    for (const { entry, run, item_key: key, at } of receipt.items) {
      if (entries.has(entry)) found.push(finding('item-repeated', file, entry))
      entries.add(entry)
      if (run) perRun.set(run, (perRun.get(run) ?? 0) + 1)
      // Whoever has the key in memory may name an item under it for a moment longer.
      if (Date.parse(at) > (destroyed.get(key) ?? Number.POSITIVE_INFINITY) + clockSkewMs) {
        found.push(finding('item-under-destroyed-key', file, entry))
      }
    }
    for (const key of receipt.destroyed_item_keys) {
      if (destroyed.has(key)) found.push(finding('key-destroyed-twice', file, key))
      destroyed.set(key, Date.parse(receipt.issued_at))
    }
    const { run } = receipt
    if (!run) continue
    if (runs.has(run.id)) found.push(finding('run-repeated', file, run.id))
    runs.add(run.id)
    const held = perRun.get(run.id) ?? 0
    if (held > run.items || (whole && held !== run.items)) {
      found.push(finding('run-items-differ', file, `${run.items} by its own count, ${held} in the chain`))
    }
  }
  return found
}

function checkHead({ receipts, head }: Pick<ReadFolder, 'receipts' | 'head'>): Finding[] {
  const last = receipts.at(-1)
  if (!head || !last) return []
  const found: Finding[] = []
  const named = receipts.find(({ receipt }) => receipt.number === head.number)
  if (head.number > last.receipt.number) {
    found.push(finding('last-missing', headName, `${last.receipt.number + 1} to ${head.number}`))
  }
  // A writer that dies between its receipt and the head leaves the head one behind, until the next one comes.
  if (head.number < last.receipt.number - 1) found.push(finding('head-behind', headName))
  if (named && (named.sha256 !== head.sha256 || named.receipt.issued_at !== head.issued_at)) {
    found.push(finding('head-differs', headName))
  } else if (head.chain !== last.receipt.chain) found.push(finding('head-differs', headName))
  const key = (named ?? last).receipt.signature.public_key
  if (head.signature.public_key !== key) found.push(finding('head-key-differs', headName))
  return found
}

function checkAnchor(receipts: readonly ReadReceipt[], anchor: Anchor, now: number): Finding[] {
  const first = receipts[0]
  if (!first) return []
  if (first.receipt.chain !== anchor.chain) return [finding('anchor-chain-differs', first.file)]
  const seen = receipts.find(({ receipt }) => receipt.number === anchor.number)
  if (seen) return seen.sha256 === anchor.sha256 ? [] : [finding('anchor-differs', seen.file)]
  const { number, previous } = first.receipt
  const ended = number > anchor.number && previous !== null && mayHaveEnded(previous.issued_at, now)
  return ended ? [] : [finding('anchor-missing', first.file, `number ${anchor.number}`)]
}
