/** Receipts dropped, exchanged, repeated, renamed and put beside, by somebody without the key. */
import { receiptName, sha256Hex } from '../../../functions/shared/receipts/form.ts'
import { drop, otherChain, swap, text, type Variant } from './chains.ts'
import { type Files, itemAt, otherKey, readIn, signed, withItems, write } from './receipt-chain.ts'

export const files: Variant[] = [
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
