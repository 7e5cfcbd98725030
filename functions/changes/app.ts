/** Telling a page what has changed among one's images: the answer waits until there is something to tell. */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { ImageChanges } from '../../contract/schemas.ts'
import { limits } from '../../platform.ts'
import { imageView, type Sign } from '../images/view.ts'
import { createApp, type HttpEnvironment, personOf } from '../shared/http.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import { decodePosition, encodePosition, firstPosition } from './position.ts'
import { type WaitParts, waitForChanges } from './wait.ts'

export type ChangesParts = Omit<WaitParts, 'changedSince'> & {
  readonly ledger: Pick<Ledger, 'changedSince' | 'rows'>
  readonly sign: Sign
  readonly logger: Logger
}

const query = z.object({
  cursor: z.string().max(limits.cursorLength).optional(),
  wait: z.coerce.number().int().min(0).max(limits.changesWaitSeconds).default(0),
})

export function createChangesApp(parts: ChangesParts): Hono<HttpEnvironment> {
  const app = createApp(parts.logger)

  app.get('/images/changes', async (context) => {
    const { id: ownerId } = personOf(context)
    const { cursor, wait } = query.parse(context.req.query())
    const from = cursor === undefined ? firstPosition(parts.clock()) : decodePosition(cursor)
    const waiting = { ...parts, changedSince: parts.ledger.changedSince }
    const { ids, position } = await waitForChanges(waiting, ownerId, from, wait * 1_000)
    const rows = await parts.ledger.rows(ids)
    const there = ids.flatMap((id) => rows.get(id) ?? []).filter((row) => row.ownerId === ownerId)
    const images = await Promise.all(
      there.filter(({ status }) => status !== 'purged').map((row) => imageView(row, parts.sign, 'thumbnail')),
    )
    const changes: ImageChanges = { images, cursor: encodePosition(position) }
    return context.json(changes)
  })

  return app
}
