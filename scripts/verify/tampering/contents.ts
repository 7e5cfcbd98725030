/** Changes to what a receipt says, by somebody without the key. */

import { firstItem, from, type Variant } from './chains.ts'
import { alter, itemAt, withItems } from './receipt-chain.ts'

export const contents: Variant[] = [
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
]
