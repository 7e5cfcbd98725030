/** The producer's routes: the steps of each request, with the details in the modules beside it. */
import type { Hono } from 'hono'
import { type BatchTickets, batchCompletion, batchRequest } from '../../contract/batch-schemas.ts'
import { type Accepted, type MultipartUpload, type UploadTicket, uploadRequest } from '../../contract/schemas.ts'
import { baseUrl, bodyOf, createApp, type HttpEnvironment, personOf, readJson, requestIdOf } from '../shared/http.ts'
import type { ImageRow } from '../shared/image.ts'
import { imagePath } from '../shared/keys.ts'
import type { Logger } from '../shared/log.ts'
import { acceptImage } from './accept.ts'
import { type BatchParts, completeBatch, outcomeView, startBatch } from './batch.ts'
import {
  checkBytes,
  checkContentType,
  checkDigest,
  checkDirectSize,
  checkFileName,
  checkIdempotencyKey,
  checkRetention,
} from './check.ts'
import { multipartState, startMultipart } from './multipart.ts'
import type { PartsStore } from './parts-store.ts'
import { completeUpload, type PresignPost, startUpload } from './presigned.ts'

export type UploadParts = BatchParts & {
  readonly presign: PresignPost
  readonly store: PartsStore
  readonly logger: Logger
}

export function createUploadApp(parts: UploadParts): Hono<HttpEnvironment> {
  const app = createApp(parts.logger)

  app.post('/images', async (context) => {
    const { id: ownerId } = personOf(context)
    const contentType = checkContentType(context.req.header('content-type'))
    const body = await bodyOf(context)
    checkDirectSize(body.byteLength)
    checkBytes(body.subarray(0, 4096), contentType)
    const image = {
      ownerId,
      body,
      contentType,
      sha256: checkDigest(body, context.req.header('content-digest')),
      retentionMs: checkRetention(context.req.header('x-retention-seconds')),
      name: checkFileName(context.req.header('x-file-name')),
      idempotencyKey: checkIdempotencyKey(context.req.header('idempotency-key')),
    }
    const row = await acceptImage(parts, image, requestIdOf(context))
    return context.json(accepted(row, baseUrl(context)), 202, { location: `/images/${row.id}` })
  })

  app.post('/uploads', async (context) => {
    const { id: ownerId } = personOf(context)
    const request = await readJson(context, uploadRequest)
    const key = checkIdempotencyKey(context.req.header('idempotency-key'))
    const { row, post, expiresAt } = await startUpload(parts, ownerId, request, key)
    const ticket: UploadTicket = {
      id: row.id,
      url: post.url,
      fields: post.fields,
      complete_url: completeAddress(row.id, baseUrl(context)),
      expires_at: new Date(expiresAt).toISOString(),
    }
    return context.json(ticket, 201)
  })

  app.post('/uploads/multipart', async (context) => {
    const { id: ownerId } = personOf(context)
    const request = await readJson(context, uploadRequest)
    const key = checkIdempotencyKey(context.req.header('idempotency-key'))
    const state = await startMultipart(parts, ownerId, request, key)
    return context.json(withAddress(state, baseUrl(context)), 201)
  })

  app.get('/uploads/:id/parts', async (context) => {
    const { id: ownerId } = personOf(context)
    const state = await multipartState(parts, ownerId, context.req.param('id'))
    return context.json(withAddress(state, baseUrl(context)))
  })

  app.post('/uploads/:id/complete', async (context) => {
    const { id: ownerId } = personOf(context)
    const row = await completeUpload(parts, ownerId, context.req.param('id'), requestIdOf(context))
    return context.json(accepted(row, baseUrl(context)), 202, { location: `/images/${row.id}` })
  })

  app.post('/batches', async (context) => {
    const { id: ownerId } = personOf(context)
    const started = await startBatch(parts, ownerId, await readJson(context, batchRequest))
    const tickets: BatchTickets = { ...started, complete_url: `${baseUrl(context)}/batches/complete` }
    return context.json(tickets, 201)
  })

  app.post('/batches/complete', async (context) => {
    const { id: ownerId } = personOf(context)
    const { ids } = await readJson(context, batchCompletion)
    const outcomes = await completeBatch(parts, ownerId, ids, requestIdOf(context))
    const base = baseUrl(context)
    return context.json(outcomeView(outcomes, (row) => accepted(row, base), requestIdOf(context)))
  })

  return app
}

const accepted = (row: ImageRow, base: string): Accepted => ({
  id: row.id,
  image_path: imagePath(row.key),
  status_url: `${base}/images/${row.id}`,
})

const completeAddress = (id: string, base: string) => `${base}/uploads/${id}/complete`

const withAddress = (state: Omit<MultipartUpload, 'complete_url'>, base: string): MultipartUpload => ({
  ...state,
  complete_url: completeAddress(state.id, base),
})
