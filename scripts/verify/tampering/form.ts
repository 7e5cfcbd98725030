/** Other forms of the same receipt, and signatures and heads put in its place, by somebody without the key. */
import { canonical, receiptName } from '../../../functions/shared/receipts/form.ts'
import { firstItem, later, resignWith, text, type Variant } from './chains.ts'
import { alter, headIn, headTo, otherKey, readIn } from './receipt-chain.ts'

export const form: Variant[] = [
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
