/** Operations on batches of images. */
import { limits, scopes } from '../platform.ts'
import * as schemas from './batch-schemas.ts'
import type { OpenApiDocument } from './openapi.ts'
import { json, jsonBody, operation, problemResponse } from './parts.ts'

export const batchPaths: OpenApiDocument['paths'] = {
  '/batches': {
    post: operation('upload', scopes.imagesWrite, limits.batchBodyBytes, {
      operationId: 'startBatch',
      summary: `Ask for presigned PUTs for up to ${limits.batchImages} images of up to 100 MiB each`,
      tags: ['images'],
      requestBody: jsonBody(schemas.batchRequest),
      responses: { 201: json('Where and how to send each file, in the order of the request', schemas.batchTickets) },
    }),
  },
  '/batches/complete': {
    post: operation('upload', scopes.imagesWrite, limits.batchBodyBytes, {
      operationId: 'completeBatch',
      summary: 'Say which files have been sent: each is checked, recorded and published',
      tags: ['images'],
      requestBody: jsonBody(schemas.batchCompletion),
      responses: {
        200: json('For each image: accepted (object and row are durable), or why not', schemas.batchOutcome),
        409: problemResponse('An id is named twice'),
      },
    }),
  },
}
