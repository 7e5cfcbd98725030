/** Listing one's images, showing one, and erasing one now. Other people's images do not exist here. */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { Erasure, ImagePage } from '../../contract/schemas.ts'
import { limits } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import { createApp, type HttpEnvironment, personOf } from '../shared/http.ts'
import type { ImageRow } from '../shared/image.ts'
import { isImageId } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { completedAlready } from './erase.ts'
import { imageView, type Sign } from './view.ts'

export type ImagesParts = {
  readonly ledger: Ledger
  readonly sign: Sign
  readonly logger: Logger
  /** Erases an image and records that it was asked for. */
  readonly erase: (row: ImageRow, only?: { readonly unfinished: boolean }) => Promise<Erasure>
}

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limits.pageSize.most).default(limits.pageSize.default),
  cursor: z.string().max(1024).optional(),
})

export function createImagesApp(parts: ImagesParts): Hono<HttpEnvironment> {
  const app = createApp(parts.logger)

  app.get('/images', async (context) => {
    const { id: ownerId } = personOf(context)
    const query = pageQuery.parse(context.req.query())
    const { rows, cursor } = await parts.ledger.listByOwner(ownerId, {
      limit: query.limit,
      cursor: decodeCursor(query.cursor, ownerId),
    })
    const items = await Promise.all(rows.map((row) => imageView(row, parts.sign, 'thumbnail')))
    const next = encodeCursor(cursor)
    const page: ImagePage = { items, ...(next && { next_cursor: next }) }
    return context.json(page)
  })

  app.get('/images/:id', async (context) => {
    const row = await own(parts.ledger, personOf(context).id, context.req.param('id'))
    const view = await imageView(row, parts.sign, 'all')
    const same = row.sha256 ? await parts.ledger.sameContent(row.ownerId, row.sha256) : []
    return context.json({ ...view, duplicates: same.filter((id) => id !== row.id) })
  })

  app.delete('/images/:id', async (context) => {
    const row = await own(parts.ledger, personOf(context).id, context.req.param('id'))
    return context.json(await parts.erase(row))
  })

  app.delete('/uploads/:id', async (context) => {
    const row = await own(parts.ledger, personOf(context).id, context.req.param('id'))
    if (row.status !== 'uploading') throw completedAlready()
    return context.json(await parts.erase(row, { unfinished: true }))
  })

  return app
}

/** @throws RequestError 404, the same for what never was, what is gone and what is somebody else's */
async function own(ledger: Ledger, ownerId: string, id: string): Promise<ImageRow> {
  const row = isImageId(id) ? await ledger.get(id) : undefined
  if (row && row.ownerId === ownerId && row.status !== 'purged') return row
  throw new RequestError(404, 'unknown-image', 'There is no such image', {
    hint: 'It may have been purged, or it belongs to somebody else.',
  })
}
