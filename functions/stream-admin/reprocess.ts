/** One image, processed again: from its original, under the same keys, and gone when it would have been anyway. */
import type { StreamReprocessed } from '../../contract/stream-work-schemas.ts'
import { RequestError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { isImageId } from '../shared/keys.ts'
import type { Transition } from '../shared/ledger.ts'
import { publishImage } from '../shared/publish.ts'
import type { StreamAdminParts } from './parts.ts'
import { whyNot } from './quarantine-list.ts'
import type { Values } from './records.ts'

export type AuditReprocess = (
  before: Values,
  after: Values,
  work: () => Promise<StreamReprocessed>,
) => Promise<StreamReprocessed>

/**
 * @throws RequestError 404 where the image is gone (nothing purged comes back), 409 where it cannot be processed again or
 *   has changed between the look and the transition
 */
export async function reprocessImage(
  parts: StreamAdminParts,
  { id, dryRun, trace }: { id: string; dryRun: boolean; trace: string },
  audit: AuditReprocess,
): Promise<StreamReprocessed> {
  const { ledger, publisher, imagesTopic, clock, logger } = parts
  const row = isImageId(id) ? await ledger.get(id) : undefined
  const able = ableRow(row, clock())
  const answer = (done: boolean): StreamReprocessed => ({
    dry_run: !done,
    id,
    before: able.status,
    way: isSettled(able) ? 'again' : 'resent',
    warnings: warningsOf(able),
  })
  if (dryRun) return answer(false)

  return audit({ status: able.status }, { status: isSettled(able) ? 'received' : able.status }, async () => {
    const moved = await requeued(parts, able)
    if (!moved.ok) {
      ableRow(moved.row, clock())
      throw new RequestError(409, 'changed-meanwhile', `The image is ${moved.row?.status} by now`, {
        hint: 'Look again, then decide again.',
      })
    }
    // From here on it is on its way: what Kafka does not take now, the sweep brings within a minute or two.
    await publishImage({ publisher, ledger, topic: imagesTopic, clock }, moved.row, trace).catch((error) =>
      logger.warn('reprocessed image not published yet', { imageId: id, error }),
    )
    return answer(true)
  })
}

const isSettled = ({ status }: Pick<ImageRow, 'status'>) => status === 'processed' || status === 'quarantined'

/** Settled images go back to `received`; for others, sending the event once more is all that there is to do. */
async function requeued({ ledger, clock }: StreamAdminParts, row: ImageRow): Promise<Transition> {
  if (row.status === 'processed') return ledger.reprocess(row.id, clock())
  if (row.status === 'quarantined') return ledger.requeue(row.id, clock())
  return { ok: true, row }
}

function ableRow(row: ImageRow | undefined, now: number): ImageRow {
  if (!row || row.status === 'purged') {
    throw new RequestError(404, 'image-gone', 'There is no such image: it has been purged, or never was', {
      hint: 'Nothing that has been purged comes back.',
    })
  }
  if (row.expiresAt <= now) throw new RequestError(409, 'image-due', 'Its time has come: the next purge removes it')
  if (row.status === 'uploading') throw new RequestError(409, 'not-received', 'Its upload has not been completed')
  const why = row.status === 'quarantined' ? whyNot(row.id, row) : undefined
  if (why) throw new RequestError(409, 'not-redrivable', why)
  return row
}

function warningsOf({ status }: ImageRow): string[] {
  switch (status) {
    case 'processed':
      return [
        'Its renditions and metadata are made anew and written over; its owner sees it as received until that is done.',
        'If it cannot be processed any more, it goes to quarantine. When it is purged does not change.',
      ]
    case 'quarantined':
      return ['It counts as sent back from quarantine.']
    default:
      return ['It has not been processed yet: its event is sent once more, and the first of the two does the work.']
  }
}
