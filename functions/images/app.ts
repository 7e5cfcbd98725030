/** Listing one's images, showing one, and erasing now. Other people's images do not exist here. */
import type { Hono } from 'hono'
import { z } from 'zod'
import { bulkErasureRequest, linkRequest, type Revoked } from '../../contract/personal-schemas.ts'
import { duplicatesRequest, type Erasure, type ImagePage } from '../../contract/schemas.ts'
import { limits } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import { askingOf, baseUrl, createApp, type HttpEnvironment, personOf, readJson } from '../shared/http.ts'
import type { ImageRow } from '../shared/image.ts'
import { isImageId } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import { findDuplicates } from './duplicates.ts'
import { completedAlready } from './erase.ts'
import { eraseEverything, eraseMany, type ManyParts } from './erase-many.ts'
import { filterQuery, orderQuery } from './filter.ts'
import { createLink, linkViews, openLink } from './links.ts'
import { listImages } from './listing.ts'
import { profileOf } from './profile.ts'
import { endedPage, openPage, unknownPage } from './shared-page.ts'
import { measureUsage } from './usage.ts'
import { imageView, type Sign } from './view.ts'

export type ImagesParts = {
  readonly ledger: Ledger
  readonly sign: Sign
  /** For shared links: holds for a minute and is kept in no cache. */
  readonly signBriefly: Sign
  readonly clock: () => number
  readonly logger: Logger
  /** Erases an image and records that it was asked for. */
  readonly erase: (row: ImageRow, only?: { readonly unfinished: boolean }) => Promise<Erasure>
} & Pick<ManyParts, 'eraseOneOfMany' | 'recordMany'>

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limits.pageSize.most).default(limits.pageSize.default),
  cursor: z.string().max(1024).optional(),
  order: orderQuery,
})

export function createImagesApp(parts: ImagesParts): Hono<HttpEnvironment> {
  const app = createApp(parts.logger)

  app.get('/images', async (context) => {
    const { id: ownerId } = personOf(context)
    const given = context.req.query()
    const query = { ...pageQuery.parse(given), filter: filterQuery.parse(given) }
    const { rows, cursor } = await listImages(parts.ledger, ownerId, query)
    const items = await Promise.all(rows.map((row) => imageView(row, parts.sign, 'thumbnail')))
    const page: ImagePage = { items, ...(cursor && { next_cursor: cursor }) }
    return context.json(page)
  })

  app.post('/images/duplicates', async (context) => {
    const { id: ownerId } = personOf(context)
    const { sha256 } = await readJson(context, duplicatesRequest)
    return context.json({ images: await findDuplicates(parts.ledger, ownerId, sha256) })
  })

  app.get('/images/:id', async (context) => {
    const row = await own(parts.ledger, personOf(context).id, context.req.param('id'))
    const view = await imageView(row, parts.sign, 'all')
    const same = row.sha256 ? await parts.ledger.sameContent(row.ownerId, row.sha256) : []
    const links = linkViews(row, parts.clock())
    return context.json({ ...view, duplicates: same.filter((id) => id !== row.id), links })
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

  app.post('/images/:id/links', async (context) => {
    const row = await own(parts.ledger, personOf(context).id, context.req.param('id'))
    const request = await readJson(context, linkRequest)
    return context.json(await createLink(parts, row, request, baseUrl(context)), 201)
  })

  app.delete('/images/:id/links/:link', async (context) => {
    const row = await own(parts.ledger, personOf(context).id, context.req.param('id'))
    const id = context.req.param('link')
    const answer: Revoked = { id, revoked: await parts.ledger.removeLink(row.id, row.ownerId, id) }
    return context.json(answer)
  })

  app.post('/erasures', async (context) => {
    const { id: ownerId } = personOf(context)
    const { ids } = await readJson(context, bulkErasureRequest)
    return context.json(await eraseMany(parts, ownerId, ids))
  })

  app.get('/profile', async (context) => context.json(await profileOf(parts.ledger, askingOf(context), parts.clock())))

  app.delete('/profile', async (context) => {
    const { id: ownerId } = personOf(context)
    z.object({ confirm: z.literal('everything') }).parse(context.req.query())
    return context.json(await eraseEverything(parts, ownerId))
  })

  app.get('/profile/usage', async (context) => {
    const { id: ownerId } = personOf(context)
    return context.json(await measureUsage(parts.ledger, ownerId, filterQuery.parse(context.req.query())))
  })

  app.get('/shared/:token', async (context) => {
    const page = await sharedPage(parts, context.req.param('token'))
    return context.body(page.html, page.status, page.headers)
  })

  return app
}

/** The page for whoever has the link, signed in or not. */
async function sharedPage(parts: ImagesParts, token: string) {
  const found = await openLink(parts.ledger, token, parts.clock())
  if (found.kind === 'unknown') return unknownPage
  if (found.kind === 'ended') return endedPage
  const { rendition, expiresAt } = found
  return openPage(await parts.signBriefly({ key: rendition.key, expiresAt }), rendition, expiresAt)
}

/** @throws RequestError 404, the same for what never was, what is gone and what is somebody else's */
async function own(ledger: Ledger, ownerId: string, id: string): Promise<ImageRow> {
  const row = isImageId(id) ? await ledger.get(id) : undefined
  if (row && row.ownerId === ownerId && row.status !== 'purged') return row
  throw new RequestError(404, 'unknown-image', 'There is no such image', {
    hint: 'It may have been purged, or it belongs to somebody else.',
  })
}
