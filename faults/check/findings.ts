/** What may be found wrong, each with the image and the upload that it is about. */

export const findingKinds = {
  lost: 'acknowledged, and there is no row',
  refused: 'a request with which nothing was wrong was refused for good',
  stuck: 'acknowledged, and not settled at the end',
  skipped: 'the trigger passed over its event, which is neither settled nor in the failure destination',
  'no-event': 'the ledger says where its event is, and something else is there',
  'original-missing': 'the original that was accepted is not in the lake',
  'original-changed': 'the original in the lake is not what was sent',
  'rendition-missing': 'a rendition that the row names is not in the lake',
  'rendition-broken': 'a rendition is not what the row says, or cannot be opened',
  'metadata-wrong': 'the metadata file is missing, or says something else than the row',
  'extra-object': 'there are objects that the row does not name',
  doubled: 'one request has become two images, or one image was settled twice',
  'wrong-verdict': 'a good image is in quarantine, or a broken one was processed',
  'no-quarantine-record': 'in quarantine, and there is no record with the reason',
  'not-gone': 'the client was told that it is gone, or its time had come, and it is there',
  'left-behind': 'the image has gone, and objects of it are in the lake',
  vanished: 'nobody had removed it, and it was not there',
  'unexplained-row': 'a row that no request explains',
  'unexplained-object': 'objects that no row and no request explains, after the grace',
  resurrected: 'it came back after it had been purged',
  'purge-incomplete': 'the purge did not come to its end',
} as const
export type FindingKind = keyof typeof findingKinds

export type Finding = {
  readonly kind: FindingKind
  /** Of the image; empty where there is none. */
  readonly id: string
  readonly detail: string
}
