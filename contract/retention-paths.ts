/** Operations on retention. */
import { limits, scopes } from '../platform.ts'
import { hold, holdPage, holdReleased, holdRequest } from './hold-schemas.ts'
import type { OpenApiDocument } from './openapi.ts'
import { json, jsonBody, operation, pageLimit, problemResponse } from './parts.ts'
import { receiptPage } from './receipts.ts'
import * as schemas from './schemas.ts'

const imageId = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The image id',
  schema: { type: 'string', minLength: 36, maxLength: 36 },
} as const
const unknownImage = problemResponse('There is no such image')
const changed = problemResponse('The image changed at this very moment')

export const retentionPaths: OpenApiDocument['paths'] = {
  '/retention': {
    get: operation('retention', scopes.retentionRead, 0, {
      operationId: 'getRetention',
      summary: 'What is due, what is overdue, and the last run',
      tags: ['retention'],
      responses: { 200: json('The state of retention', schemas.retentionState) },
    }),
  },
  '/retention/runs': {
    get: operation('retention', scopes.retentionRead, 0, {
      operationId: 'listPurgeRuns',
      summary: 'Runs of the purge and erasures on request, newest first',
      tags: ['retention'],
      parameters: [pageLimit],
      responses: { 200: json('The runs', schemas.purgeRunPage) },
    }),
  },
  '/retention/holds': {
    get: operation('retention', scopes.retentionRead, 0, {
      operationId: 'listHolds',
      summary: 'Images under a legal hold, and the newest changes of holds',
      tags: ['retention'],
      parameters: [pageLimit],
      responses: { 200: json('Holds that stand, and changes, newest first', holdPage) },
    }),
  },
  '/retention/holds/{id}': {
    put: operation('retention', scopes.retentionHold, limits.jsonBodyBytes, {
      operationId: 'placeHold',
      summary: 'Keep an image from being erased by anybody until a given time',
      tags: ['retention'],
      parameters: [imageId],
      requestBody: jsonBody(holdRequest),
      responses: {
        200: json('The hold', hold),
        404: unknownImage,
        409: changed,
        422: problemResponse('The end is past, or too far away'),
      },
    }),
    delete: operation('retention', scopes.retentionHold, 0, {
      operationId: 'releaseHold',
      summary: 'End a legal hold now: the image goes at its own time, and at once where that is past',
      tags: ['retention'],
      parameters: [imageId],
      responses: { 200: json('When the image goes', holdReleased), 404: unknownImage, 409: changed },
    }),
  },
  '/retention/receipts': {
    get: operation('retention', scopes.retentionRead, 0, {
      operationId: 'listReceipts',
      summary: 'Receipts of erasures, oldest first, with the signed statement which of them is the last one',
      tags: ['retention'],
      parameters: [
        pageLimit,
        {
          name: 'after',
          in: 'query',
          required: false,
          description: 'The number behind which to start; from the first one where it is not given',
          schema: { type: 'integer', minimum: 0 },
        },
      ],
      responses: { 200: json('The receipts', receiptPage) },
    }),
  },
}
