/** The operations of the contract, in the form that the gateway checks requests against. */
import type { Method, OpenApiDocument, Operation } from '../../contract/openapi.ts'
import type { Scope } from '../../platform.ts'

export type Route = {
  /** As the contract and API Gateway write it: `/images/{id}`. */
  readonly path: string
  /** As Hono writes it: `/images/:id`. */
  readonly pattern: string
  /** In capitals. */
  readonly method: string
  readonly operation: Operation
  readonly scopes: readonly Scope[]
  /** Asks for no token: the contract says so, and why. */
  readonly isPublic: boolean
  /** Media types of the body; empty where the operation takes none. */
  readonly contentTypes: readonly string[]
  readonly maxBodyBytes: number
}

export const routesOf = (document: OpenApiDocument): Route[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    (Object.entries(operations) as [Method, Operation][]).map(([method, operation]) => ({
      path,
      pattern: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      method: method.toUpperCase(),
      operation,
      scopes: operation.security.flatMap(({ token }) => token),
      // An empty list alone might be a slip; only with its reason does it open the operation.
      isPublic: operation.security.length === 0 && operation['x-darkroom-public'] !== undefined,
      contentTypes: Object.keys(operation.requestBody?.content ?? {}),
      maxBodyBytes: operation['x-darkroom-max-body-bytes'],
    })),
  )

/** Names of all request headers that the contract knows. */
export const headerParameters = (document: OpenApiDocument): string[] => [
  ...new Set(
    routesOf(document).flatMap(({ operation }) =>
      (operation.parameters ?? []).filter((parameter) => parameter.in === 'header').map(({ name }) => name),
    ),
  ),
]
