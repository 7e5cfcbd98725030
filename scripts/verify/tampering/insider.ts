/** By somebody who holds the key, and so can sign whatever they like. */
import type { Receipt } from '../../../contract/receipts.ts'
import {
  day,
  drop,
  firstItem,
  from,
  insider,
  key,
  later,
  otherChain,
  resignWith,
  type Variant,
  whole,
} from './chains.ts'
import { type Files, headIn, headTo, itemAt, otherKey, readIn, rewrite, withItems } from './receipt-chain.ts'

export const insiders: Variant[] = [
  [
    'one altered and signed anew',
    'link-broken',
    resignWith(
      5,
      withItems((items) => [...items, itemAt('x', from)]),
    ),
  ],
  ['one altered with everything behind it', 'anchor-differs', insider(5, firstItem({ versions: 2, version_ids: [] }))],
  ['the last one altered, and the head', 'anchor-differs', insider(10, firstItem({ versions: 2, version_ids: [] }))],
  ['the end cut off, and the head', 'anchor-missing', (files) => headTo(drop(9, 10)(files) as Files, 8, key)],
  ['the head put back to an earlier one', 'head-behind', (files) => headTo(files, 4, key)],
  ['a head with another hash', 'head-differs', (files) => headTo(files, 10, key, { sha256: 'a'.repeat(64) })],
  [
    'a head with another time',
    'head-differs',
    (files) => headTo(files, 10, key, { issued_at: later(headIn(files).issued_at, 1000) }),
  ],
  [
    'the clock put back behind the one before',
    'time-reversed',
    insider(5, ({ issued_at }) => ({ issued_at: later(issued_at, -day), items: [], counts: zero(), run: null })),
  ],
  [
    'the clock put far ahead',
    'from-the-future',
    insider(10, ({ issued_at }) => ({ issued_at: later(issued_at, 30 * day) })),
  ],
  [
    'an erasure later than its receipt',
    'item-in-the-future',
    insider(5, firstItem({ at: '2027-01-01T00:00:00.000Z' })),
  ],
  [
    'an erasure before it was asked for',
    'item-before-request',
    insider(6, firstItem({ cut_off: '2027-01-01T00:00:00.000Z' })),
  ],
  [
    'an item under a key of tomorrow',
    'item-key-from-the-future',
    insider(5, firstItem({ item_key: '2027-01-01-00000000' })),
  ],
  [
    'a run that ends before it begins',
    'run-times-reversed',
    insider(5, runWith({ started_at: '2026-12-31T00:00:00.000Z' })),
  ],
  [
    'a run that ends after its receipt',
    'run-times-reversed',
    insider(5, runWith({ finished_at: '2026-12-31T00:00:00.000Z' })),
  ],
  ['a run with failures that calls itself complete', 'run-contradicts-itself', insider(5, runWith({ failed: 3 }))],
  ['a run that counts more items than there are', 'run-items-differ', insider(5, runWith({ items: 7 }))],
  ['a run that counts fewer items than there are', 'run-items-differ', insider(5, runWith({ items: 1 }))],
  ['a run summed up twice', 'run-repeated', insider(5, () => ({ run: readIn(whole, 3).run }))],
  [
    'an erasure told a second time',
    'item-repeated',
    insider(
      6,
      withItems(() => readIn(whole, 4).items),
    ),
  ],
  [
    'a key destroyed twice',
    'key-destroyed-twice',
    insider(9, () => ({ destroyed_item_keys: readIn(whole, 5).destroyed_item_keys })),
  ],
  [
    'an item under a key that had been destroyed',
    'item-under-destroyed-key',
    insider(9, firstItem({ item_key: '2026-11-12-01234567' })),
  ],
  [
    'a link to another number',
    'link-number',
    insider(5, ({ previous }) => ({ previous: previous && { ...previous, number: 3 } })),
  ],
  [
    'a link to another time',
    'link-time',
    insider(5, ({ previous }) => ({ previous: previous && { ...previous, issued_at: later(previous.issued_at, -1) } })),
  ],
  ['no link at all', 'link-number', insider(5, () => ({ previous: null }))],
  [
    'a first one that names one before it',
    'link-number',
    insider(1, () => ({ previous: { number: 1, sha256: 'a'.repeat(64), issued_at: '2020-01-01T00:00:00.000Z' } })),
  ],
  [
    'another chain from the middle on',
    'chain-differs',
    insider(5, () => ({ chain: '11111111-1111-4111-8111-111111111111' })),
  ],
  ['another chain altogether', 'anchor-chain-differs', () => new Map(otherChain)],
  ['everything signed with another key', 'key-not-trusted', (files) => rewrite(files, 1, otherKey)],
]

function zero(): Receipt['counts'] {
  return { items: 0, versions: 0, markers: 0, uploads: 0, metadata_files: 0, rows: 0 }
}

function runWith(change: object) {
  return ({ run }: Receipt) => ({ run: run && { ...run, ...change } })
}
