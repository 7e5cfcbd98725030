/** What could not be processed: listing it, sending it back, taking it off the list. */
import pMap from 'p-map'
import type {
  StreamDiscard,
  StreamDiscarded,
  StreamQuarantinePage,
  StreamRedrive,
  StreamRedriven,
} from '../../contract/stream-work-schemas.ts'
import { consoleLimits } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { publishImage } from '../shared/publish.ts'
import type { Actor } from './actor.ts'
import type { StreamAdminParts } from './parts.ts'
import { gather, type Quarantined, whyNot } from './quarantine-list.ts'
import type { Values } from './records.ts'

/** Rows that are read at once. */
const concurrency = 16

type Known = Quarantined & { readonly row: ImageRow | undefined }

async function readQuarantine({ kafka, records, quarantineTopic: topic }: StreamAdminParts) {
  const [ranges, discarded] = await Promise.all([kafka.offsets(topic), records.discarded()])
  const each = BigInt(Math.ceil(consoleLimits.quarantineScan / ranges.length))
  const read = await Promise.all(
    ranges.map(async ({ partition, low, high }) => {
      const from = high - each > low ? high - each : low
      const messages = await kafka.read(topic, partition, from, high, Number(each))
      return { cut: from > low, messages: messages.map((message) => ({ ...message, partition })) }
    }),
  )
  return {
    all: gather(
      read.flatMap(({ messages }) => messages),
      discarded,
    ),
    discarded: discarded.size,
    cut: read.some(({ cut }) => cut),
  }
}

const withRows = ({ ledger }: StreamAdminParts, entries: readonly Quarantined[]): Promise<Known[]> =>
  pMap(entries, async (entry) => ({ ...entry, row: entry.imageId ? await ledger.get(entry.imageId) : undefined }), {
    concurrency,
  })

export async function listQuarantine(
  parts: StreamAdminParts,
  { code, limit }: { code?: string | undefined; limit: number },
): Promise<StreamQuarantinePage> {
  const { all, discarded, cut } = await readQuarantine(parts)
  const wanted = all.filter((entry) => !code || entry.code === code)
  const shown = await withRows(parts, wanted.slice(0, limit))
  const counts = Map.groupBy(all, (entry) => entry.code)
  return {
    items: shown.map(({ row, imageId, ...entry }) => {
      const why = whyNot(imageId, row)
      return {
        id: entry.id,
        ...(imageId !== undefined && {
          image:
            row && row.status !== 'purged'
              ? { id: imageId, status: row.status, expires_at: new Date(row.expiresAt).toISOString() }
              : { id: imageId, status: 'gone' as const },
        }),
        code: entry.code,
        reason: entry.reason,
        times: entry.times,
        first_at: new Date(entry.firstAt).toISOString(),
        last_at: new Date(entry.lastAt).toISOString(),
        positions: [...entry.positions],
        source: entry.source,
        redrives: row?.redrives ?? 0,
        redrivable: why === undefined,
        ...(why !== undefined && { why_not: why }),
      }
    }),
    reasons: [...counts].map(([name, entries]) => ({ code: name, count: entries.length })),
    discarded,
    more: cut || wanted.length > limit,
  }
}

/** API Gateway waits 29 s. */
const redriveLimitMs = 20_000
const defaultPerSecond = 10

export type AuditRedrive = (after: Values, work: () => Promise<StreamRedriven>) => Promise<StreamRedriven>

/**
 * Sends images back to be processed, one after the other and no faster than was asked for. Each is requeued in the
 * ledger first, so that an event which does not reach Kafka is sent by the sweep.
 * @throws RequestError 400 where the request does not say which
 */
export async function redrive(
  parts: StreamAdminParts,
  { ids, code, all, per_second: perSecond = defaultPerSecond, dry_run: dryRun = false }: StreamRedrive,
  trace: string,
  audit: AuditRedrive,
): Promise<StreamRedriven> {
  if (!ids && !code && !all) throw new RequestError(400, 'which-missing', 'Name ids, a code, or all')
  const { all: listed } = await readQuarantine(parts)
  const named = listed.filter((entry) => (!ids || ids.includes(entry.id)) && (!code || entry.code === code))
  const known = await withRows(parts, named)
  const able = known.flatMap(({ id, imageId, row }) => (row && whyNot(imageId, row) === undefined ? [{ id, row }] : []))
  const refused = [
    ...known.flatMap(({ id, imageId, row }) => {
      const why = whyNot(imageId, row)
      return why === undefined ? [] : [{ id, why }]
    }),
    ...(ids ?? [])
      .filter((id) => !listed.some((entry) => entry.id === id))
      .map((id) => ({ id, why: 'It is not in the list.' })),
  ]
  const chosen = able.slice(0, consoleLimits.redriveMost)
  const left = able.length - chosen.length
  if (dryRun) return { dry_run: true, redriven: chosen.map(({ id }) => id), refused, left }

  const after = { images: String(chosen.length), ...(code && { code }), per_second: String(perSecond) }
  return audit(after, async () => {
    const deadline = parts.clock() + redriveLimitMs
    const redriven: string[] = []
    for (const [n, { id, row }] of chosen.entries()) {
      if (parts.clock() > deadline) return { dry_run: false, redriven, refused, left: left + chosen.length - n }
      if (n > 0) await parts.pause(1000 / perSecond)
      const why = await sendBack(parts, row, trace)
      if (why === undefined) redriven.push(id)
      else refused.push({ id, why })
    }
    return { dry_run: false, redriven, refused, left }
  })
}

/** @returns why it was not sent back, where somebody else was faster */
async function sendBack(parts: StreamAdminParts, { id }: ImageRow, trace: string): Promise<string | undefined> {
  const { ledger, publisher, imagesTopic, clock, logger } = parts
  const requeued = await ledger.requeue(id, clock())
  if (!requeued.ok) return whyNot(id, requeued.row) ?? 'It has changed meanwhile.'
  // From here on it is on its way: what Kafka does not take now, the sweep brings within a minute or two.
  await publishImage({ publisher, ledger, topic: imagesTopic, clock }, requeued.row, trace).catch((error) =>
    logger.warn('redriven image not published yet', { imageId: id, error }),
  )
  return undefined
}

export type AuditDiscard = (after: Values, work: () => Promise<StreamDiscarded>) => Promise<StreamDiscarded>

/** Takes entries off the list. The image stays its owner's until its purge, the record Kafka's until its retention. */
export async function discard(
  parts: StreamAdminParts,
  { ids, dry_run: dryRun = false }: StreamDiscard,
  actor: Actor,
  audit: AuditDiscard,
): Promise<StreamDiscarded> {
  const { all: listed } = await readQuarantine(parts)
  const chosen = listed.filter(({ id }) => ids.includes(id))
  const at = parts.clock()
  const result = {
    dry_run: dryRun,
    receipts: chosen.map(({ id, positions }) => ({ id, positions: [...positions], at: new Date(at).toISOString() })),
    refused: ids
      .filter((id) => !listed.some((entry) => entry.id === id))
      .map((id) => ({ id, why: 'It is not in the list.' })),
  }
  if (dryRun || chosen.length === 0) return result
  const positions = chosen.flatMap((entry) => entry.positions)
  return audit({ records: String(positions.length), positions: positions.slice(0, 50).join(' ') }, async () => {
    await parts.records.discard(positions.map((position) => ({ position, by: actor.id, at })))
    return result
  })
}
