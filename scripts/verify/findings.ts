/** Everything that may be wrong with a folder of receipts, each by a name of its own. */
export const reasons = {
  'unexpected-file': 'A file that is neither a receipt nor the head',
  'no-receipts': 'There is no receipt at all',
  unreadable: 'Not JSON in UTF-8',
  'not-canonical': 'The same content, but other bytes: white space, order, escapes, an encoding mark',
  'wrong-form': 'A field is missing, unknown, or of another form',
  misnamed: 'The number inside is not the number in the name',
  'duplicate-number': 'Two files have the same number',
  'signature-invalid': 'The signature does not fit the content',
  'key-changed': 'Signed with another key than the receipts before',
  'key-not-trusted': 'Signed with a key that is none of those that are trusted',
  'counts-differ': 'The counts are not the sums of the items',
  'item-repeated': 'The same erasure is told twice',
  'item-in-the-future': 'An item was erased after its receipt was issued',
  'item-key-from-the-future': 'An item is named under a key that did not exist yet',
  'too-many-version-ids': 'More versions are named than were deleted',
  'item-before-request': 'An item was erased before it was due, or asked for',
  'run-times-reversed': 'A run ended before it began, or after its receipt',
  'run-repeated': 'The same run is summed up twice',
  'run-items-differ': 'A run counts another number of items than the chain holds',
  'run-contradicts-itself': 'A run calls itself complete although something failed',
  'key-destroyed-twice': 'A key of items is destroyed a second time',
  'item-under-destroyed-key': 'An item is named under a key that had been destroyed',
  'chain-differs': 'A receipt of another chain',
  'first-missing': 'The first receipts are missing, and are not old enough to have ended',
  missing: 'A receipt between others is missing',
  'last-missing': 'The last receipts are missing: the head knows more',
  'link-broken': 'It names another hash than the receipt before it has',
  'link-number': 'It names another number than that of the receipt before it',
  'link-time': 'It names another time than that of the receipt before it',
  'time-reversed': 'Issued before the receipt before it',
  'from-the-future': 'Issued later than now',
  'head-missing': 'There is no head.json, so the last receipts may be missing',
  'head-unreadable': 'head.json is no statement in canonical form',
  'head-signature-invalid': 'The signature of the head does not fit',
  'head-key-differs': 'The head is signed with another key than the last receipt',
  'head-behind': 'The head is older than the receipts: an earlier one has been put in its place',
  'head-differs': 'The head names another hash, time or chain than the receipt of its number',
  'anchor-differs': 'A receipt that was seen at an earlier check has changed since',
  'anchor-missing': 'A receipt that was seen at an earlier check is missing, and is not old enough to have ended',
  'anchor-chain-differs': 'Another chain than at the earlier check: emptied by --reset, or written anew',
} as const
export type Reason = keyof typeof reasons

export type Finding = {
  readonly reason: Reason
  /** The file, as it is called in the folder. */
  readonly file: string
  /** What exactly, where that helps. */
  readonly detail?: string
}

export const finding = (reason: Reason, file: string, detail?: string): Finding => ({
  reason,
  file,
  ...(detail !== undefined && { detail }),
})
