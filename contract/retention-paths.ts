/** Operations on retention. */
import { scopes } from '../platform.ts'
import type { OpenApiDocument } from './openapi.ts'
import { json, operation, pageLimit } from './parts.ts'
import { receiptPage } from './receipts.ts'
import * as schemas from './schemas.ts'

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
