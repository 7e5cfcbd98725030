/** In-memory stand-ins for ledger, lake and publisher, with switches for what may go wrong between two steps. */

import type { MskRecord } from '../../../functions/process/msk-event.ts'
import type { DeliveryParts } from '../../../functions/process/parts.ts'
import type { ProcessedImage } from '../../../functions/process/process-image.ts'
import { UnavailableError } from '../../../functions/shared/errors.ts'
import { imageEvent, serializeEvent } from '../../../functions/shared/event.ts'
import type { ImageRow, Status } from '../../../functions/shared/image.ts'
import type { OutgoingRecord } from '../../../functions/shared/kafka.ts'
import { imagePath } from '../../../functions/shared/keys.ts'
import type { Transition } from '../../../functions/shared/ledger.ts'
import { emptyCount } from '../../../functions/shared/versions.ts'

export type Operation = `${'ledger' | 'lake' | 'publisher'}.${string}`

/** Where things go wrong: runs before each operation, with its name and key, and may throw or change the world. */
export type Interference = (operation: Operation, key: string) => void

export function createFakes(given: Partial<Pick<DeliveryParts, 'processImage'>> = {}) {
  const rows = new Map<string, ImageRow>()
  const objects = new Map<string, Buffer>()
  const published: { topic: string; record: OutgoingRecord }[] = []
  const log: { level: string; message: string; details: unknown }[] = []
  let interfere: Interference = () => {}
  let now = Date.parse('2026-05-17T10:00:00Z')

  function transition(id: string, from: readonly Status[], change: (row: ImageRow) => Partial<ImageRow>): Transition {
    const row = rows.get(id)
    if (!row || !from.includes(row.status)) return { ok: false, row }
    const set = Object.fromEntries(Object.entries(change(row)).filter(([, value]) => value !== undefined))
    const next = { ...row, ...set } as ImageRow
    rows.set(id, next)
    return { ok: true, row: next }
  }
  const open: readonly Status[] = ['received', 'published']
  const step = async <T>(operation: Operation, key: string, work: () => T): Promise<T> => {
    interfere(operation, key)
    return work()
  }
  const below = (prefix: string) => [...objects.keys()].filter((key) => key.startsWith(prefix))

  const parts: DeliveryParts = {
    ledger: {
      get: (id) => step('ledger.get', id, () => rows.get(id)),
      claim: (id) => step('ledger.claim', id, () => transition(id, open, (row) => ({ attempts: row.attempts + 1 }))),
      release: (id) =>
        step('ledger.release', id, () => transition(id, open, (row) => ({ attempts: row.attempts - 1 }))),
      markProcessed: (id, result) =>
        step('ledger.markProcessed', id, () => transition(id, open, () => ({ ...result, status: 'processed' }))),
      markQuarantined: (id, result) =>
        step('ledger.markQuarantined', id, () => transition(id, open, () => ({ ...result, status: 'quarantined' }))),
    },
    lake: {
      get: (key) => step('lake.get', key, () => objects.get(key)),
      put: (key, body) => step('lake.put', key, () => void objects.set(key, Buffer.from(body))),
      deleteEverything: (prefix, count = emptyCount()) =>
        step('lake.delete', prefix, () => {
          for (const key of below(prefix)) objects.delete(key)
          return count
        }),
      deleteKey: (key, count = emptyCount()) =>
        step('lake.delete', key, () => {
          objects.delete(key)
          return count
        }),
      isEmpty: (prefix) => step('lake.list', prefix, () => below(prefix).length === 0),
      isKeyEmpty: (key) => step('lake.list', key, () => !objects.has(key)),
    },
    publisher: {
      publish: (topic, records) =>
        step('publisher.publish', topic, () => {
          for (const record of records) published.push({ topic, record })
          return records.map((_, n) => ({ topic, partition: 0, offset: String(published.length + n) }))
        }),
    },
    quarantineTopic: 'images.quarantine',
    processImage: given.processImage ?? (async () => madeImage),
    clock: () => now,
    logger: {
      info: (message, ...details) => void log.push({ level: 'info', message: String(message), details }),
      warn: (message, ...details) => void log.push({ level: 'warn', message: String(message), details }),
      error: (message, ...details) => void log.push({ level: 'error', message: String(message), details }),
    },
  }
  return {
    parts,
    rows,
    objects,
    published,
    log,
    /** Replaces what goes wrong. */
    when: (next: Interference) => {
      interfere = next
    },
    at: (time: number) => {
      now = time
    },
    /** A row with its original in the lake. */
    accept(row: ImageRow, bytes: Uint8Array = Buffer.from('the original')) {
      rows.set(row.id, row)
      objects.set(row.key, Buffer.from(bytes))
      return row
    },
  }
}

export const unavailable = () => new UnavailableError('test-unavailable', 'Not now')

/** What processing makes, where a test does not care about pictures. */
export const madeImage: ProcessedImage = {
  metadata: {
    format: 'jpeg',
    width: 640,
    height: 480,
    frames: 1,
    hasAlpha: false,
    orientation: 1,
    colorSpace: 'sRGB',
    dominantColor: '#804020',
    thumbhash: 'AAAA',
    hasGps: false,
  },
  renditions: [
    {
      name: 'thumb',
      extension: 'webp',
      contentType: 'image/webp',
      width: 256,
      height: 192,
      bytes: Buffer.from('tiny'),
    },
    {
      name: 'compressed',
      extension: 'jpg',
      contentType: 'image/jpeg',
      width: 640,
      height: 480,
      bytes: Buffer.from('five!'),
    },
  ],
}

/** The record that the producer writes for a row. */
export function recordOf(row: Pick<ImageRow, 'id' | 'key' | 'receivedAt'>, given: Partial<MskRecord> = {}): MskRecord {
  return rawRecord(serializeEvent(imageEvent(row.receivedAt, imagePath(row.key))), { key: base64(row.id), ...given })
}

export const rawRecord = (value: string, given: Partial<MskRecord> = {}): MskRecord => ({
  topic: 'images',
  partition: 3,
  offset: 41,
  timestamp: Date.parse('2026-05-17T09:59:59Z'),
  value: base64(value),
  headers: [{ 'darkroom-event-id': [...Buffer.from('event-1')] }],
  ...given,
})

const base64 = (text: string) => Buffer.from(text).toString('base64')
