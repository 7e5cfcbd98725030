/**
 * One record of the topic, from its bytes to an end that the ledger knows. Safe to repeat at any point, also after a
 * crash: each step looks at the row before it believes anything.
 */
import { createHash } from 'node:crypto'
import { limits } from '../../platform.ts'
import { emptyPrefix } from '../shared/erase.ts'
import { DarkroomError, PoisonError } from '../shared/errors.ts'
import { parseEvent } from '../shared/event.ts'
import type { ImageRow, Rendition } from '../shared/image.ts'
import { type ImageAddress, ownerContentOf, renditionKey } from '../shared/keys.ts'
import { decodeBase64, type MskRecord } from './msk-event.ts'
import type { DeliveryParts, Outcome } from './parts.ts'
import type { ProcessedImage } from './process-image.ts'
import { type NamedImage, quarantine } from './quarantine.ts'
import { isGone, mendMetadata, settle, writeMetadata } from './settle.ts'

/**
 * Settles one record.
 * @throws a retriable DarkroomError where a store did not answer; any other error is a fault of this code. Either way the
 *   record must come again; only the second counts as an attempt, so that an outage never puts an image into quarantine
 */
export async function deliver(record: MskRecord, parts: DeliveryParts): Promise<Outcome> {
  let image: NamedImage | undefined
  try {
    const address = parseEvent(decodeBase64(record.value)?.toString('utf8') ?? '')
    const claim = await parts.ledger.claim(address.id)
    if (!claim.ok) return await refused(claim.row, address, parts)
    if (claim.row.key !== address.key) {
      await parts.ledger.release(address.id)
      throw new PoisonError('foreign-path', 'image_path is not where this image was stored')
    }
    image = { row: claim.row, changes: placeInStream(claim.row, record) }
    if (claim.row.attempts > limits.processAttempts) {
      throw new PoisonError('crashes-the-processor', `Not finished in ${limits.processAttempts} attempts`)
    }
    const original = await readOriginal(claim.row, parts)
    if (original === 'gone') {
      await emptyPrefix(parts.lake, address)
      return { outcome: 'dropped' }
    }
    image = { row: claim.row, changes: { ...image.changes, sha256: original.sha256 } }
    return await processed(image, original.bytes, parts)
  } catch (error) {
    return await ended(error, record, image, parts)
  }
}

/** The ledger did not hand the image over: it is done, or gone, or was never completed. */
async function refused(row: ImageRow | undefined, address: ImageAddress, parts: DeliveryParts): Promise<Outcome> {
  if (row && !isGone(row)) {
    if (row.status === 'uploading') return { outcome: 'unchanged' }
    const end = await mendMetadata(row, address, parts)
    return { outcome: end === 'gone' ? 'dropped' : 'unchanged' }
  }
  // An earlier delivery may have written renditions and crashed before it saw that the image had been erased.
  await emptyPrefix(parts.lake, address)
  return { outcome: 'dropped' }
}

/** Where the row does not know yet that, or where, the event reached the stream, the record itself is the proof. */
const placeInStream = (row: ImageRow, { topic, partition, offset, timestamp }: MskRecord) => ({
  ...(row.event === undefined && { event: { topic, partition, offset: String(offset) } }),
  // The broker's clock may be a little behind ours.
  ...(row.status === 'received' && { publishedAt: Math.max(timestamp, row.receivedAt) }),
})

/** The very bytes that were accepted. */
async function readOriginal(row: ImageRow, { lake, ledger }: DeliveryParts) {
  const bytes = await lake.get(row.key, row.versionId)
  if (!bytes) {
    if (isGone(await ledger.get(row.id))) return 'gone'
    throw new PoisonError('original-missing', 'The original is not in the lake any more')
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (row.sha256 !== undefined && row.sha256 !== sha256) {
    throw new PoisonError('original-missing', 'The original in the lake is not the one that was accepted')
  }
  return { bytes, sha256 }
}

async function processed({ row, changes }: NamedImage, bytes: Uint8Array, parts: DeliveryParts): Promise<Outcome> {
  const started = performance.now()
  const made = await parts.processImage(bytes, row.contentType)
  const processingMs = Math.round(performance.now() - started)
  const renditions = await writeRenditions(made.renditions, row, parts.lake)

  const result = {
    ...changes,
    metadata: made.metadata,
    renditions,
    processingMs,
    processedAt: parts.clock(),
    ...(changes.sha256 && { ownerContent: ownerContentOf(row.ownerId, changes.sha256) }),
  }
  await writeMetadata(parts.lake, { ...row, ...result, status: 'processed' })
  const end = await settle(await parts.ledger.markProcessed(row.id, result), 'processed', row, parts)
  if (end === 'gone') return { outcome: 'dropped' }
  if (end === 'overtaken') return { outcome: 'unchanged' }
  const compressed = renditions.find(({ name }) => name === 'compressed')?.bytes ?? row.bytes
  return {
    outcome: 'processed',
    processingMs,
    latencyMs: result.processedAt - row.receivedAt,
    bytesSaved: Math.max(0, row.bytes - compressed),
  }
}

const writeRenditions = (
  made: ProcessedImage['renditions'],
  row: ImageRow,
  lake: DeliveryParts['lake'],
): Promise<Rendition[]> =>
  Promise.all(
    made.map(async ({ name, extension, contentType, width, height, bytes }) => {
      const key = renditionKey(row, name, extension)
      await lake.put(key, bytes, contentType)
      return { name, key, contentType, width, height, bytes: bytes.length }
    }),
  )

/** Poison goes to quarantine; an outage gives the attempt back; everything else stays an error. */
async function ended(
  error: unknown,
  record: MskRecord,
  image: NamedImage | undefined,
  parts: DeliveryParts,
): Promise<Outcome> {
  try {
    if (error instanceof PoisonError) return await quarantine(record, error, image, parts)
    throw error
  } catch (failure) {
    if (image && failure instanceof DarkroomError && failure.retriable) await giveBack(image.row.id, parts)
    throw failure
  }
}

async function giveBack(id: string, { ledger, logger }: DeliveryParts): Promise<void> {
  await ledger.release(id).catch((error) => logger.warn('attempt not given back', { imageId: id, error }))
}
