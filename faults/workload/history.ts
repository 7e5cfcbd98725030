/** What clients did and were told: the only thing that the checker believes besides what it reads from the stores. */

export type ClientEvent = {
  /** Epoch milliseconds. */
  readonly at: number
  readonly what: string
}

/** How the bytes get to the platform, as docs/uploads.md has it. */
export const ways = ['direct', 'presigned', 'parts', 'batch'] as const
export type Way = (typeof ways)[number]

/** One image that a client wanted to get rid of by uploading it; its attempts under one name. */
export type Upload = {
  readonly number: number
  readonly way: Way
  readonly source: string
  /** How the platform must end with it. */
  readonly expect: 'processed' | 'quarantined'
  /** Of the bytes that were sent, hexadecimal. */
  readonly sha256: string
  readonly key: string | undefined
  readonly events: ClientEvent[]
  /** Ids under which it was acknowledged; more than one is a fault where there is a key. */
  readonly acknowledged: Set<string>
  /** Ids that were given before the bytes were sent: known, but not acknowledged. */
  readonly begun: Set<string>
  /** An attempt was never answered: it may have been carried out, now or later. */
  unanswered: boolean
  /** Why the last attempt was refused, although nothing was wrong with it. */
  refused: string | undefined
  /** `asked`: a DELETE was sent and not answered. `told`: the client was told that it is erased. */
  erased: 'no' | 'asked' | 'told'
  /** Its time was brought forward, so that it is due. */
  aged: boolean
}

export function note(upload: Upload, what: string): void {
  upload.events.push({ at: Date.now(), what })
}

/** Begins a note of an image that was not there although nobody had removed it. */
export const vanished = 'VANISHED'
