/**
 * The upload event. Its JSON is exactly `{"timestamp": <epoch seconds>, "image_path": "<path>"}`; whatever else a
 * consumer may want travels in Kafka headers.
 */
import { z } from 'zod'
import { PoisonError } from './errors.ts'
import { parseImagePath } from './keys.ts'

export const schemaVersion = '1'

/** Names of the Kafka headers that Darkroom writes. */
export const headerNames = {
  eventId: 'darkroom-event-id',
  schemaVersion: 'darkroom-schema-version',
  checksum: 'darkroom-sha256',
  trace: 'darkroom-trace',
  /** On events that an engineer has sent to try the stream. */
  test: 'darkroom-test',
  /** On records in quarantine: */
  reasonCode: 'darkroom-reason-code',
  reason: 'darkroom-reason',
  source: 'darkroom-source',
  failedAt: 'darkroom-failed-at',
} as const

const eventSchema = z.strictObject({
  timestamp: z.number().int().nonnegative(),
  image_path: z.string().max(512),
})
export type ImageEvent = z.infer<typeof eventSchema>

/** @param receivedAt epoch milliseconds */
export const imageEvent = (receivedAt: number, path: string): ImageEvent => ({
  timestamp: Math.floor(receivedAt / 1000),
  image_path: path,
})

export const serializeEvent = (event: ImageEvent): string => JSON.stringify(event)

/**
 * Reads an event as strictly as it is written.
 * @throws PoisonError `malformed-event` or `foreign-path`; neither is ever worth a retry
 */
export function parseEvent(value: string) {
  const event = parseJson(value)
  const address = parseImagePath(event.image_path)
  if (!address) throw new PoisonError('foreign-path', 'image_path is not one that this platform writes')
  return { ...address, timestamp: event.timestamp }
}

function parseJson(value: string): ImageEvent {
  try {
    return eventSchema.parse(JSON.parse(value))
  } catch (cause) {
    throw new PoisonError('malformed-event', 'The record is not {"timestamp": number, "image_path": string}', { cause })
  }
}
