/**
 * The contract: one OpenAPI 3.0 document for Amazon API Gateway (which imports 2.0 and 3.0, not 3.1), the local
 * gateway, the web app and the fuzz tests. Component names are alphanumeric because API Gateway's models must be.
 */
import { z } from 'zod'
import type { FunctionName, Scope } from '../platform.ts'
import { batchPaths } from './batch-paths.ts'
import { batchSchemas } from './batch-schemas.ts'
import { holdSchemas } from './hold-schemas.ts'
import { imagePaths } from './image-paths.ts'
import { nameOf } from './parts.ts'
import { personalPaths } from './personal-paths.ts'
import { personalSchemas } from './personal-schemas.ts'
import { receiptPage, receiptReference } from './receipts.ts'
import { retentionPaths } from './retention-paths.ts'
import * as schemas from './schemas.ts'
import { historySchemas } from './stream-history-schemas.ts'
import { streamPaths } from './stream-paths.ts'
import { topicSchemas } from './stream-schemas.ts'
import { workSchemas } from './stream-work-schemas.ts'

export type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: true; readonly content: Record<string, { schema: object }> }
  readonly responses: Record<string, object>
  /** Empty only where anybody may call it; `x-darkroom-public` then says why. */
  readonly security: readonly { readonly token: readonly Scope[] }[]
  /** The function that answers. */
  readonly 'x-darkroom-function': FunctionName
  /** Largest body in bytes; larger ones are refused with 413 before anything is stored. */
  readonly 'x-darkroom-max-body-bytes': number
  /** Why an operation asks for no token. */
  readonly 'x-darkroom-public'?: string
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
  schemas.multipartUpload,
  schemas.duplicatesRequest,
  schemas.knownImage,
  schemas.duplicates,
  schemas.rendition,
  schemas.metadata,
  schemas.image,
  schemas.imagePage,
  schemas.imageChanges,
  schemas.erasure,
  schemas.purgeRun,
  schemas.purgeRunPage,
  schemas.retentionState,
  ...batchSchemas,
  ...historySchemas,
  ...personalSchemas,
  receiptReference,
  receiptPage,
  ...holdSchemas,
  ...topicSchemas,
  ...workSchemas,
] as const

/** The document, without anything that only one gateway understands; `stacks/` adds its integrations. */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.0.3',
    info: {
      title: 'Darkroom',
      version: '1.0.0',
      description: 'Takes in images, processes them as events, keeps them seven days, then forgets them and proves it.',
    },
    paths: { ...imagePaths, ...personalPaths, ...batchPaths, ...retentionPaths, ...streamPaths },
    components: {
      schemas: componentsFromZod(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

/** Operations that ask for no token, each with its reason. */
export const publicOperations = ({ paths }: Pick<OpenApiDocument, 'paths'>) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId, ...operation }]) => {
      const reason = operation['x-darkroom-public']
      return operation.security.length === 0 && reason ? [{ path, method, operationId, reason }] : []
    }),
  )

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
