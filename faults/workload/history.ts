/** What clients did and were told: the only thing that the checker believes besides what it reads from the stores. */

export type ClientEvent = {
  /** Epoch milliseconds. */
  readonly at: number
  readonly what: string
}

/** One image that a client wanted to get rid of by uploading it; its attempts under one name. */
export type Upload = {
  readonly number: number
  readonly way: 'direct' | 'presigned'
  readonly source: string
  /** How the platform must end with it. */
  readonly expect: 'processed' | 'quarantined'
  /** Of the bytes that were sent, hexadecimal. */
  readonly sha256: string
  readonly key: string | undefined
  readonly events: ClientEvent[]
  /** Ids under which it was acknowledged (202); more than one is a fault where there is a key. */
  readonly acknowledged: Set<string>
  /** Ids of presigned uploads that were begun: known, but not acknowledged. */
  readonly begun: Set<string>
  /** An attempt was never answered: it may have been carried out, now or later. */
  unanswered: boolean
  /** `asked`: a DELETE was sent and not answered. `told`: the client was told that it is erased. */
  erased: 'no' | 'asked' | 'told'
  /** Its time was brought forward, so that it is due. */
  aged: boolean
}

export function note(upload: Upload, what: string): void {
  upload.events.push({ at: Date.now(), what })
}
