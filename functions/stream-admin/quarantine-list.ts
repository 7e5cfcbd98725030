/** Records of the quarantine topic, gathered by image: why, how often, first and last. Pure. */

import { consoleLimits } from '../../platform.ts'
import { headerNames } from '../shared/event.ts'
import type { ImageRow } from '../shared/image.ts'
import { headersOf, imageIdOf, type PlacedMessage } from './messages.ts'

export type Quarantined = {
  /** The image's id; the record's position where it names no image. */
  readonly id: string
  readonly imageId: string | undefined
  /** Of the last time. */
  readonly code: string
  readonly reason: string
  readonly source: string
  readonly times: number
  /** Epoch milliseconds. */
  readonly firstAt: number
  readonly lastAt: number
  /** `partition-offset`, newest last. */
  readonly positions: readonly string[]
}

const positionOf = ({ partition, offset }: PlacedMessage): string => `${partition}-${offset}`

/** Newest first. Records at `discarded` positions are left out. */
export function gather(messages: readonly PlacedMessage[], discarded: ReadonlySet<string>): Quarantined[] {
  const byId = new Map<string, Quarantined>()
  const oldestFirst = messages
    .filter((message) => !discarded.has(positionOf(message)))
    .toSorted((a, b) => failedAt(a) - failedAt(b) || Number(BigInt(a.offset) - BigInt(b.offset)))
  for (const message of oldestFirst) {
    const imageId = imageIdOf(message)
    const id = imageId ?? positionOf(message)
    const before = byId.get(id)
    const header = (name: string) => headersOf(message.headers)[name]?.at(-1)?.toString('utf8') ?? ''
    const at = failedAt(message)
    byId.set(id, {
      id,
      imageId,
      code: header(headerNames.reasonCode) || 'unknown',
      reason: header(headerNames.reason),
      source: header(headerNames.source),
      times: (before?.times ?? 0) + 1,
      firstAt: before?.firstAt ?? at,
      lastAt: at,
      positions: [...(before?.positions ?? []), positionOf(message)],
    })
  }
  return [...byId.values()].sort((a, b) => b.lastAt - a.lastAt)
}

/** The processor's own time where it wrote one, otherwise the broker's. */
function failedAt({ headers, timestamp }: PlacedMessage): number {
  const said = Date.parse(headersOf(headers)[headerNames.failedAt]?.at(-1)?.toString('utf8') ?? '')
  return Number.isNaN(said) ? Number(timestamp) : said
}

/** Why an image cannot be sent back; undefined where it can. */
export function whyNot(
  imageId: string | undefined,
  row: Pick<ImageRow, 'status' | 'redrives'> | undefined,
): string | undefined {
  if (imageId === undefined) return 'The record names no image: sent back, it would come here again.'
  if (!row || row.status === 'purged') return 'The image has been deleted.'
  if (row.status === 'processed') return 'It has been processed since.'
  if (row.status !== 'quarantined') return 'It is on its way.'
  if ((row.redrives ?? 0) >= consoleLimits.redrivesOfOneImage) {
    return `It has come back ${row.redrives} times: something is wrong with the image or the processor.`
  }
  return undefined
}
