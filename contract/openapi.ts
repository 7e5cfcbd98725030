/**
 * The contract: one OpenAPI 3.0 document for Amazon API Gateway (which imports 2.0 and 3.0, not 3.1), the local
 * gateway, the web app and the fuzz tests. Component names are alphanumeric because API Gateway's models must be.
 */
import { z } from 'zod'
import { type FunctionName, imageTypes, limits, type Scope, scopes } from '../platform.ts'
import * as schemas from './schemas.ts'

export type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: true; readonly content: Record<string, { schema: object }> }
  readonly responses: Record<string, object>
  readonly security: readonly { readonly token: readonly Scope[] }[]
  /** The function that answers. */
  readonly 'x-darkroom-function': FunctionName
  /** Largest body in bytes; larger ones are refused with 413 before anything is stored. */
  readonly 'x-darkroom-max-body-bytes': number
}
export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: object
}
export type Method = 'get' | 'post' | 'put' | 'delete' | 'patch'
export type OpenApiDocument = {
  readonly openapi: '3.0.3'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Record<string, Partial<Record<Method, Operation>>>
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: Record<string, object> }
}

const componentSchemas = [
  schemas.problem,
  schemas.accepted,
  schemas.uploadRequest,
  schemas.uploadTicket,
  schemas.rendition,
  schemas.metadata,
  schemas.image,
  schemas.imagePage,
  schemas.erasure,
  schemas.purgeRun,
  schemas.purgeRunPage,
  schemas.retentionState,
] as const

const nameOf = (schema: z.ZodType): string => String(schema.meta()?.id)
const ref = (schema: z.ZodType) => ({ $ref: `#/components/schemas/${nameOf(schema)}` })
const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema: ref(schema) } },
})
const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref(schemas.problem) } },
})

/** What the gateway and every function may answer besides success. */
const commonProblems = {
  400: problemResponse('The request is malformed'),
  401: problemResponse('No token, or one that does not hold'),
  403: problemResponse('The token lacks the scope'),
  429: problemResponse('Too many requests'),
  500: problemResponse('Something failed on our side'),
  503: problemResponse('A part of the platform does not answer; try again'),
}
const withBody = {
  413: problemResponse('The body is too large'),
  415: problemResponse('The content type is not taken, or the bytes are something else'),
}

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The image id, as the upload returned it',
  schema: { type: 'string', minLength: 36, maxLength: 36 },
}
const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Repeating a request with the same key returns the first answer and stores nothing twice',
  schema: { type: 'string', minLength: 1, maxLength: limits.idempotencyKeyLength },
}

const pageLimit: Parameter = {
  name: 'limit',
  in: 'query',
  required: false,
  // API Gateway does not take the keyword `default`.
  description: `How many at most; ${limits.pageSize.default} where it is not given`,
  schema: { type: 'integer', minimum: 1, maximum: limits.pageSize.most },
}

const binary = Object.fromEntries(
  Object.keys(imageTypes).map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
)

type Details = Omit<Operation, 'security' | 'x-darkroom-function' | 'x-darkroom-max-body-bytes'>
const operation = (answeredBy: FunctionName, scope: Scope, maxBodyBytes: number, details: Details): Operation => ({
  ...details,
  responses: { ...details.responses, ...commonProblems, ...(maxBodyBytes > 0 ? withBody : {}) },
  security: [{ token: [scope] }],
  'x-darkroom-function': answeredBy,
  'x-darkroom-max-body-bytes': maxBodyBytes,
})

const paths: OpenApiDocument['paths'] = {
  '/images': {
    post: operation('upload', scopes.imagesWrite, limits.directUploadBytes, {
      operationId: 'uploadImage',
      summary: 'Upload an image of up to 4 MiB',
      tags: ['images'],
      parameters: [
        idempotencyKey,
        {
          name: 'X-File-Name',
          in: 'header',
          required: false,
          description: "The file's own name, percent-encoded UTF-8",
          schema: { type: 'string', minLength: 1, maxLength: 3 * limits.fileNameLength },
        },
        {
          name: 'Content-Digest',
          in: 'header',
          required: false,
          description: 'sha-256=:<base64>: as in RFC 9530; a body that does not match is refused',
          schema: { type: 'string', maxLength: 200 },
        },
      ],
      requestBody: { required: true, content: binary },
      responses: {
        202: json('Object and row are durable; processing has been asked for', schemas.accepted),
        409: problemResponse('The same Idempotency-Key is in use for another request'),
      },
    }),
    get: operation('images', scopes.imagesRead, 0, {
      operationId: 'listImages',
      summary: "List one's own images, newest first",
      tags: ['images'],
      parameters: [
        pageLimit,
        {
          name: 'cursor',
          in: 'query',
          required: false,
          description: 'next_cursor of the page before',
          schema: { type: 'string', maxLength: 1024 },
        },
      ],
      responses: { 200: json('A page of images', schemas.imagePage) },
    }),
  },
  '/images/{id}': {
    get: operation('images', scopes.imagesRead, 0, {
      operationId: 'getImage',
      summary: 'Status with its timeline, metadata and links to renditions',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        200: json('The image', schemas.image),
        404: problemResponse('There is no such image, or it is not yours'),
      },
    }),
    delete: operation('images', scopes.imagesWrite, 0, {
      operationId: 'eraseImage',
      summary: 'Erase an image now: every version of every object, metadata and row',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        200: json('What was erased', schemas.erasure),
        404: problemResponse('There is no such image, or it is not yours'),
      },
    }),
  },
  '/uploads': {
    post: operation('upload', scopes.imagesWrite, limits.jsonBodyBytes, {
      operationId: 'startUpload',
      summary: 'Ask for a presigned POST for an image of up to 100 MiB',
      tags: ['images'],
      parameters: [idempotencyKey],
      requestBody: { required: true, content: { 'application/json': { schema: ref(schemas.uploadRequest) } } },
      responses: {
        201: json('Where and how to send the file', schemas.uploadTicket),
        409: problemResponse('The same Idempotency-Key is in use for another request'),
      },
    }),
  },
  '/uploads/{id}/complete': {
    post: operation('upload', scopes.imagesWrite, limits.jsonBodyBytes, {
      operationId: 'completeUpload',
      summary: 'Say that the file has been sent: it is checked, recorded and published',
      tags: ['images'],
      parameters: [idParameter],
      responses: {
        202: json('Object and row are durable; processing has been asked for', schemas.accepted),
        404: problemResponse('There is no such upload, or it is not yours'),
        409: problemResponse('The file has not arrived'),
      },
    }),
  },
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
}

/** The document, without anything that only one gateway understands; `stacks/` adds its integrations. */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.0.3',
    info: {
      title: 'Darkroom',
      version: '1.0.0',
      description: 'Takes in images, processes them as events, keeps them seven days, then forgets them and proves it.',
    },
    paths,
    components: {
      schemas: componentsFromZod(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

function componentsFromZod(): Record<string, object> {
  const registry = z.registry<{ id: string }>()
  for (const schema of componentSchemas) registry.add(schema, { id: nameOf(schema) })
  const { schemas: all } = z.toJSONSchema(registry, {
    target: 'openapi-3.0',
    uri: (id) => `#/components/schemas/${id}`,
    io: 'input',
  })
  return Object.fromEntries(
    Object.entries(all).map(([id, { $id: _id, $schema: _schema, id: _name, ...schema }]) => [
      id,
      plain(schema) as object,
    ]),
  )
}

/**
 * Writes a schema as API Gateway takes it: zod wraps a lone reference in `allOf`, which may not hold references there,
 * and gives every integer the bounds of JavaScript's.
 */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const { allOf, ...rest } = value as { allOf?: unknown[] }
  if (allOf?.length === 1 && Object.keys(rest).length === 0) return plain(allOf[0])
  const entries = Object.entries(value).filter(([, entry]) => Math.abs(entry as number) !== Number.MAX_SAFE_INTEGER)
  return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry)]))
}
