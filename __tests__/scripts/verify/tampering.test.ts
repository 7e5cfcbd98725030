/** Every way of tampering that we could think of, and the name by which the check tells it. */
import type { KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Receipt } from '../../../contract/receipts.ts'
import { canonical, receiptName, sha256Hex } from '../../../functions/shared/receipts/form.ts'
import type { Anchor } from '../../../scripts/verify/chain.ts'
import { type Reason, reasons } from '../../../scripts/verify/findings.ts'
import { verifyReceipts } from '../../../scripts/verify/verify.ts'
import {
  alter,
  type Files,
  headIn,
  headTo,
  itemAt,
  makeChain,
  otherKey,
  readIn,
  rewrite,
  signed,
  withItems,
  write,
} from '../../support/receipt-chain.ts'

const from = Date.UTC(2026, 10, 20, 6)
const day = 86_400_000
let whole: Files
let otherChain: Files
let key: KeyObject
let anchor: Anchor
let now: number

beforeAll(async () => {
  const made = await makeChain(5, from)
  whole = made.files
  key = made.privateKey
  now = made.now
  otherChain = (await makeChain(5, from)).files
  anchor = verifyReceipts(whole, undefined, now).anchor as Anchor
})

const check = (files: Files, held?: Anchor, at = now) => verifyReceipts(files, held, at).findings
const names = (files: Files, held?: Anchor, at = now) => check(files, held, at).map(({ reason }) => reason)

describe('receipts that nobody has touched', () => {
  it('are whole, with an anchor and without, and at once as years later', () => {
    expect(check(whole)).toEqual([])
    expect(check(whole, anchor)).toEqual([])
    expect(check(whole, anchor, now + 1000 * day)).toEqual([])
    expect(whole.size).toBe(11)
  })

  it('are whole when more have come since the earlier check', () => {
    const early = new Map([...whole].slice(0, 6))
    const seen = { ...anchor, number: 6, sha256: sha256Hex(early.get(receiptName(6)) as Buffer) }
    expect(check(whole, seen)).toEqual([])
  })

  it('are whole when the oldest have come to their end, and a head is one behind its receipt', async () => {
    const files = copy()
    for (const n of [1, 2, 3]) files.delete(receiptName(n))
    expect(check(files, anchor, now + 401 * day)).toEqual([])
    expect(check(await headTo(copy(), 9, key), anchor)).toEqual([])
  })
})

const copy = (): Files => new Map(whole)
type Tampering = (files: Files) => Files | Promise<Files>
const text = (files: Files, number: number, change: (text: string) => string | Buffer): Files =>
  files.set(receiptName(number), Buffer.from(change((files.get(receiptName(number)) as Buffer).toString()) as string))
const drop =
  (...numbers: number[]): Tampering =>
  (files) => {
    for (const n of numbers) files.delete(receiptName(n))
    return files
  }
const swap =
  (a: number, b: number): Tampering =>
  (files) => {
    const [first, second] = [files.get(receiptName(a)) as Buffer, files.get(receiptName(b)) as Buffer]
    return files.set(receiptName(a), second).set(receiptName(b), first)
  }
const resignWith =
  (number: number, change: (receipt: Receipt) => object, by = () => key): Tampering =>
  async (files) =>
    write(files, await signed({ ...readIn(files, number), ...change(readIn(files, number)) } as Receipt, by()), number)
const insider =
  (number: number, change: (receipt: Receipt) => Partial<Receipt>): Tampering =>
  (files) =>
    rewrite(files, number, key, change)
const later = (time: string, ms: number) => new Date(Date.parse(time) + ms).toISOString()
const firstItem = (change: object) =>
  withItems(([first, ...rest]) => [{ ...(first as object), ...change } as never, ...rest])

/** By somebody without the key. */
const outside: [string, Reason, Tampering][] = [
  [
    'a count made smaller',
    'counts-differ',
    (files) => alter(files, 3, ({ counts }) => ({ counts: { ...counts, versions: 1 } })),
  ],
  [
    'a count and its items made to agree',
    'signature-invalid',
    (files) => alter(files, 3, firstItem({ versions: 2, version_ids: [] })),
  ],
  [
    'an item taken out, counts made to agree',
    'signature-invalid',
    (files) =>
      alter(
        files,
        3,
        withItems((items) => items.slice(1)),
      ),
  ],
  ['an item taken out', 'counts-differ', (files) => alter(files, 3, ({ items }) => ({ items: items.slice(1) }))],
  [
    'an item put in',
    'signature-invalid',
    (files) =>
      alter(
        files,
        3,
        withItems((items) => [...items, itemAt('more', from)]),
      ),
  ],
  [
    'an item doubled',
    'item-repeated',
    (files) =>
      alter(
        files,
        3,
        withItems((items) => [...items, ...items]),
      ),
  ],
  [
    'items in another order',
    'signature-invalid',
    (files) => alter(files, 3, ({ items }) => ({ items: items.toReversed() })),
  ],
  ['an item’s HMAC changed', 'signature-invalid', (files) => alter(files, 3, firstItem({ item: 'a'.repeat(64) }))],
  ['a version id changed', 'signature-invalid', (files) => alter(files, 3, firstItem({ version_ids: ['zzz'] }))],
  [
    'more version ids than versions',
    'too-many-version-ids',
    (files) => alter(files, 3, firstItem({ versions: 0, metadata_files: 0 })),
  ],
  [
    'the cut-off changed',
    'signature-invalid',
    (files) => alter(files, 3, firstItem({ cut_off: '2020-01-01T00:00:00.000Z' })),
  ],
  [
    'a failed run called complete',
    'signature-invalid',
    (files) => alter(files, 3, ({ run }) => ({ run: run && { ...run, complete: !run.complete } })),
  ],
  ['the writer changed', 'signature-invalid', (files) => alter(files, 3, () => ({ writer: 'images' }))],
  [
    'the code version changed',
    'signature-invalid',
    (files) => alter(files, 3, () => ({ code_version: 'b'.repeat(64) })),
  ],
  [
    'the policy changed',
    'signature-invalid',
    (files) => alter(files, 3, ({ policy }) => ({ policy: { ...policy, images_seconds: 1 } })),
  ],
  ['the stores changed', 'signature-invalid', (files) => alter(files, 3, () => ({ stores: [] }))],
  [
    'a destroyed key made up',
    'signature-invalid',
    (files) => alter(files, 3, () => ({ destroyed_item_keys: ['2026-11-01-00000000'] })),
  ],
  ['the run taken away', 'signature-invalid', (files) => alter(files, 3, () => ({ run: null }))],
  ['a receipt dropped from the middle', 'missing', drop(5)],
  ['several dropped from the middle', 'missing', drop(4, 5, 6)],
  ['the first one dropped', 'first-missing', drop(1)],
  ['the first half dropped', 'first-missing', drop(1, 2, 3, 4, 5)],
  ['the last one dropped', 'last-missing', drop(10)],
  ['the last half dropped', 'last-missing', drop(6, 7, 8, 9, 10)],
  ['all of them dropped', 'no-receipts', drop(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)],
  ['the head dropped', 'head-missing', dropHead],
  ['two with their names exchanged', 'misnamed', swap(4, 6)],
  [
    'two exchanged, numbers and all',
    'signature-invalid',
    (files) => {
      const [a, b] = [readIn(files, 4), readIn(files, 6)]
      return write(
        write(files, { ...b, number: 4, previous: a.previous }, 4),
        { ...a, number: 6, previous: b.previous },
        6,
      )
    },
  ],
  ['a file cut short', 'unreadable', (files) => text(files, 5, (all) => all.slice(0, -40))],
  ['a file emptied', 'unreadable', (files) => text(files, 5, () => '')],
  [
    'a file of another kind of bytes',
    'unreadable',
    (files) => files.set(receiptName(5), Buffer.from([0xff, 0xfe, 0x00, 0xc0])),
  ],
  [
    'a receipt repeated at the end',
    'misnamed',
    (files) => files.set(receiptName(11), files.get(receiptName(3)) as Buffer),
  ],
  [
    'a receipt repeated under another number',
    'signature-invalid',
    (files) => write(files, { ...readIn(files, 10), number: 11 }, 11),
  ],
  [
    'a receipt repeated under another name',
    'duplicate-number',
    (files) => files.set('0000000003-copy.json', files.get(receiptName(3)) as Buffer),
  ],
  [
    'a receipt of another chain put in its place',
    'chain-differs',
    (files) => files.set(receiptName(5), otherChain.get(receiptName(5)) as Buffer),
  ],
  [
    'the head of another chain',
    'head-differs',
    (files) => files.set('head.json', otherChain.get('head.json') as Buffer),
  ],
  [
    'a receipt renamed',
    'unexpected-file',
    (files) => {
      files.set('5.json', files.get(receiptName(5)) as Buffer)
      return drop(5)(files)
    },
  ],
  [
    'a receipt under a name with other digits',
    'unexpected-file',
    (files) => {
      files.set('００００００００05.json', files.get(receiptName(5)) as Buffer)
      return drop(5)(files)
    },
  ],
  [
    'the extension in capitals',
    'unexpected-file',
    (files) => {
      files.set(receiptName(5).toUpperCase(), files.get(receiptName(5)) as Buffer)
      return drop(5)(files)
    },
  ],
  ['a file put beside them', 'unexpected-file', (files) => files.set('notes.txt', Buffer.from('{}'))],
  ['a receipt of our own put at the end', 'key-changed', resignedAtTheEnd],
  ['a line feed at the end', 'not-canonical', (files) => text(files, 5, (all) => `${all}\n`)],
  ['spaces between', 'not-canonical', (files) => text(files, 5, (all) => JSON.stringify(JSON.parse(all), null, 1))],
  [
    'fields in another order',
    'not-canonical',
    (files) =>
      text(files, 5, (all) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(all)).toReversed()))),
  ],
  [
    'a letter written as an escape',
    'not-canonical',
    (files) => text(files, 5, (all) => all.replace('"purge"', '"\\u0070urge"')),
  ],
  [
    'a number written otherwise',
    'not-canonical',
    (files) => text(files, 5, (all) => all.replace('"number":5', '"number":5.0')),
  ],
  ['an encoding mark in front', 'not-canonical', (files) => text(files, 5, (all) => `\u{FEFF}${all}`)],
  [
    'another encoding',
    'unreadable',
    (files) => files.set(receiptName(5), Buffer.from((files.get(receiptName(5)) as Buffer).toString(), 'utf16le')),
  ],
  [
    'a field twice',
    'not-canonical',
    (files) => text(files, 5, (all) => all.replace('"number":5', '"number":4,"number":5')),
  ],
  ['an unknown field', 'wrong-form', (files) => alter(files, 5, () => ({ note: 'all is well' }))],
  ['an unknown field in an item', 'wrong-form', (files) => alter(files, 5, firstItem({ owner: 'somebody' }))],
  ['a prototype as a field', 'wrong-form', (files) => text(files, 5, (all) => all.replace('{', '{"constructor":1,'))],
  ['a field taken away', 'wrong-form', (files) => alter(files, 5, () => ({ policy: undefined }))],
  ['a number as text', 'wrong-form', (files) => alter(files, 5, () => ({ number: '5' }))],
  [
    'a number below zero',
    'wrong-form',
    (files) => alter(files, 5, ({ counts }) => ({ counts: { ...counts, rows: -1 } })),
  ],
  ['hexadecimal in capitals', 'wrong-form', (files) => alter(files, 5, firstItem({ item: 'A'.repeat(64) }))],
  ['another version of the form', 'wrong-form', (files) => alter(files, 5, () => ({ schema: 'darkroom-receipt/0' }))],
  ['no signature', 'wrong-form', (files) => alter(files, 5, () => ({ signature: undefined }))],
  [
    'another algorithm',
    'wrong-form',
    (files) => alter(files, 5, ({ signature }) => ({ signature: { ...signature, algorithm: 'none' } })),
  ],
  [
    'the signature of another receipt',
    'signature-invalid',
    (files) => alter(files, 5, () => ({ signature: readIn(files, 6).signature })),
  ],
  [
    'a signature of nothing',
    'signature-invalid',
    (files) => alter(files, 5, ({ signature }) => ({ signature: { ...signature, value: '' } })),
  ],
  [
    'a key that is none',
    'signature-invalid',
    (files) => alter(files, 5, ({ signature }) => ({ signature: { ...signature, public_key: 'AAAA' } })),
  ],
  [
    'signed anew with another key',
    'key-changed',
    resignWith(
      5,
      () => ({}),
      () => otherKey,
    ),
  ],
  [
    'the clock put back',
    'signature-invalid',
    (files) => alter(files, 5, ({ issued_at }) => ({ issued_at: later(issued_at, -1000) })),
  ],
  [
    'the head changed',
    'head-signature-invalid',
    (files) => files.set('head.json', Buffer.from(canonical({ ...headIn(files), number: 9 }))),
  ],
  [
    'the head cut short',
    'head-unreadable',
    (files) => files.set('head.json', (files.get('head.json') as Buffer).subarray(0, 50)),
  ],
  [
    'white space in the head',
    'head-unreadable',
    (files) => files.set('head.json', Buffer.concat([files.get('head.json') as Buffer, Buffer.from(' ')])),
  ],
  ['the head signed with another key', 'head-key-differs', (files) => headTo(files, 10, otherKey)],
]

function dropHead(files: Files): Files {
  files.delete('head.json')
  return files
}

async function resignedAtTheEnd(files: Files): Promise<Files> {
  const last = readIn(files, 10)
  const sha256 = sha256Hex(files.get(receiptName(10)) as Buffer)
  const previous = { number: 10, sha256, issued_at: last.issued_at }
  const items = [itemAt('ours', Date.parse(last.issued_at))]
  const ours = { ...last, ...withItems(() => items)(last), number: 11, previous, run: null }
  return write(files, await signed(ours, otherKey), 11)
}

/** By somebody who holds the key, and so can sign whatever they like. */
const inside: [string, Reason, Tampering][] = [
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

describe('tampering without the key', () => {
  it.each(outside)('is found without an earlier check: %s is %s', async (_what, reason, tamper) => {
    expect(names(await tamper(copy()))).toContain(reason)
  })
})

describe('tampering with the key', () => {
  it.each(inside)('is found: %s is %s', async (_what, reason, tamper) => {
    expect(names(await tamper(copy()), anchor)).toContain(reason)
  })
})

describe('the variants', () => {
  it('are more than fifty, and every reason has one', () => {
    const all = [...outside, ...inside]
    expect(all.length).toBeGreaterThanOrEqual(50)
    expect(new Set(all.map(([what]) => what)).size).toBe(all.length)
    expect([...new Set(all.map(([, reason]) => reason))].toSorted()).toEqual(Object.keys(reasons).toSorted())
  })
})
