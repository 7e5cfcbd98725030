/** The event with which Lambda hands over records of Amazon MSK, and the answer it understands. */

/** `key` and `value` are base64, and absent where Kafka has null. Header bytes are Java's, −128 to 127. */
export type MskRecord = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly key?: string
  readonly value?: string
  readonly headers?: readonly Readonly<Record<string, readonly number[]>>[]
}

export type MskEvent = {
  readonly eventSource: 'aws:kafka'
  readonly records: Readonly<Record<string, readonly MskRecord[]>>
}

/** Each named partition is read again from this offset; all others are done. */
export type BatchResponse = {
  readonly batchItemFailures: readonly {
    readonly itemIdentifier: { readonly partition: string; readonly offset: number }
  }[]
}

export const decodeBase64 = (text: string | undefined): Buffer | null =>
  text === undefined ? null : Buffer.from(text, 'base64')

/** A record's headers, those that occur several times with all their values. */
export function headersOf({ headers = [] }: MskRecord): Record<string, Buffer[]> {
  const all: Record<string, Buffer[]> = {}
  for (const [name, bytes] of headers.flatMap((header) => Object.entries(header))) {
    all[name] ??= []
    all[name].push(Buffer.from(bytes as number[]))
  }
  return all
}
