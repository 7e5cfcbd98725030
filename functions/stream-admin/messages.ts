/** Looking at records without joining a group, each with what the ledger knows of the image behind it. */
import type { StreamMessage, StreamMessagePage } from '../../contract/stream-work-schemas.ts'
import { consoleLimits } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import { parseEvent } from '../shared/event.ts'
import type { OffsetRange } from './kafka-views.ts'
import type { FetchedMessage } from './kafkajs-inside.ts'
import { type Cursor, nextCursor, readCursor, windowsAt, writeCursor } from './message-windows.ts'
import type { StreamAdminParts } from './parts.ts'

export type MessageQuery = {
  readonly partition?: number | undefined
  readonly offset?: bigint | undefined
  /** Epoch milliseconds. */
  readonly from?: number | undefined
  readonly search?: string | undefined
  /** From the page before; then offset and moment say nothing more. */
  readonly cursor?: string | undefined
  readonly limit: number
}

export type PlacedMessage = FetchedMessage & { readonly partition: number }

/** @throws RequestError 400 for an unknown partition, and for an offset without one */
export async function listMessages(
  parts: StreamAdminParts,
  topic: string,
  query: MessageQuery,
): Promise<StreamMessagePage> {
  const { kafka, ledger } = parts
  if (query.offset !== undefined && query.partition === undefined) {
    throw new RequestError(400, 'partition-missing', 'partition: is needed with an offset')
  }
  const all = (await kafka.topic(topic)) && (await kafka.offsets(topic))
  const ranges = all.filter(({ partition }) => query.partition === undefined || partition === query.partition)
  if (ranges.length === 0) throw new RequestError(400, 'unknown-partition', 'partition: there is no such partition')

  const most = query.search ? Math.ceil(consoleLimits.searchScan / ranges.length) : query.limit
  const start = query.cursor ? readCursor(query.cursor) : await startOf(parts, topic, ranges, query)
  const { direction } = start
  const windows = windowsAt(ranges, start, most)
  const read = await Promise.all(
    windows.map(async ({ partition, from, until }) =>
      (await kafka.read(topic, partition, from, until, most)).map((message) => ({ ...message, partition })),
    ),
  )
  const scanned = read.flat()
  const found = scanned.filter((message) => !query.search || holds(message, query.search)).sort(newestFirst)
  // Forward from somewhere, the oldest are what was asked for; otherwise the newest.
  const shown = direction === 'forward' ? found.slice(-query.limit) : found.slice(0, query.limit)
  const left = direction === 'forward' ? found.slice(0, -query.limit) : found.slice(query.limit)
  const next = nextCursor(ranges, windows, direction, left)
  const images = await ledger.standing([...new Set(shown.flatMap((message) => imageIdOf(message) ?? []))])
  const cursor = next && writeCursor(next)
  return {
    items: shown.map((message) => {
      const id = imageIdOf(message)
      const row = id === undefined ? undefined : images.get(id)
      return {
        ...messageView(message),
        ...(id !== undefined && {
          image: row
            ? { id, status: row.status, expires_at: new Date(row.expiresAt).toISOString() }
            : { id, status: 'gone' as const },
        }),
      }
    }),
    scanned: scanned.length,
    more: next !== undefined,
    ...(cursor && { next_cursor: cursor }),
  }
}

/** Where the first page begins: at the end for the newest, or at an offset or a moment. */
async function startOf(
  { kafka }: Pick<StreamAdminParts, 'kafka'>,
  topic: string,
  ranges: readonly OffsetRange[],
  { offset, from }: MessageQuery,
): Promise<Cursor> {
  if (offset !== undefined) return { direction: 'forward', at: new Map(ranges.map((one) => [one.partition, offset])) }
  if (from === undefined) return { direction: 'backward', at: new Map(ranges.map((one) => [one.partition, one.high])) }
  const at = (await kafka.offsetsAt(topic, from)).map((one) => [one.partition, one.offset] as const)
  return { direction: 'forward', at: new Map(at) }
}

export const newestFirst = (a: PlacedMessage, b: PlacedMessage): number =>
  Number(b.timestamp) - Number(a.timestamp) || a.partition - b.partition || Number(BigInt(b.offset) - BigInt(a.offset))

/** Text occurs in key, value, or the name or value of a header; capitals do not matter. */
export function holds(message: PlacedMessage, search: string): boolean {
  const wanted = search.toLowerCase()
  const { key, value, headers } = messageView(message)
  return [key, value, ...Object.entries(headers).flat()].some((text) => text?.toLowerCase().includes(wanted))
}

/** The image that a record of ours names, whichever topic it is in; undefined where it names none. */
export function imageIdOf({ value }: Pick<FetchedMessage, 'value'>): string | undefined {
  try {
    return parseEvent(value?.toString('utf8') ?? '').id
  } catch {
    return undefined
  }
}

/** Headers with all their values, as text. */
export const headersOf = (headers: FetchedMessage['headers'] = {}): Record<string, Buffer[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.isBuffer(value) ? [value] : [...value]]),
  )

const decoder = new TextDecoder('utf-8', { fatal: true })
function isText(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

export function messageView({
  partition,
  offset,
  timestamp,
  key,
  value,
  headers,
}: PlacedMessage): Omit<StreamMessage, 'image'> {
  const all = headersOf(headers)
  const bytes = [key, value, ...Object.values(all).flat()].filter((part) => part !== null)
  const encoding = bytes.every(isText) ? 'text' : 'base64'
  const write = (part: Buffer) => part.toString(encoding === 'text' ? 'utf8' : 'base64')
  return {
    partition,
    offset,
    timestamp: new Date(Number(timestamp)).toISOString(),
    ...(key && { key: write(key) }),
    ...(value && { value: write(value) }),
    encoding,
    headers: Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.map(write).join(', ')])),
    bytes: bytes.reduce((sum, part) => sum + part.length, 0),
  }
}
