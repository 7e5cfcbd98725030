import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { openApiDocument, publicOperations } from '../../contract/openapi.ts'
import { functions, groups, imageTypes, limits, type Scope } from '../../platform.ts'

const document = openApiDocument()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
)

type Found = { readonly at: string; readonly key: string; readonly value: unknown }

/** Every key below a value, with the way to it. */
function keysBelow(value: unknown, at = ''): Found[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    { at: `${at}/${key}`, key, value: inner },
    ...keysBelow(inner, `${at}/${key}`),
  ])
}

/** Keywords of schemas; names of properties are not keywords. */
const keywords = keysBelow(document).filter(({ at }) => !/\/properties\/[^/]+$/.test(at))
const uses = (keyword: string) => keywords.filter(({ key }) => key === keyword).map(({ at }) => at)

describe('the contract', () => {
  it('is a valid OpenAPI 3.0 document', async () => {
    const validator = new Validator()
    const result = await validator.validate(structuredClone(document) as never)
    expect(result.errors).toBeUndefined()
    expect(result.valid).toBe(true)
    expect(validator.version).toBe('3.0')
  })

  it('is refused by the same validator when it is spoiled', async () => {
    const spoiled = structuredClone(document) as unknown as { paths: Record<string, { post: { responses: unknown } }> }
    const operation = spoiled.paths['/images']?.post
    if (operation) operation.responses = []
    expect((await new Validator().validate(spoiled as never)).valid).toBe(false)
  })

  it('refers only to schemas that it has', () => {
    const references = keywords.filter(({ key }) => key === '$ref').map(({ value }) => String(value))
    expect(references.length).toBeGreaterThan(0)
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
    expect(references.filter((reference) => !known.includes(reference))).toEqual([])
  })

  it('names each operation once', () => {
    const names = operations.map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
  })

  const closed = operations.filter(({ operation }) => operation['x-darkroom-public'] === undefined)

  it.each(closed)('lets somebody call $name, and nobody without a scope', ({ operation }) => {
    const scopes = operation.security.flatMap(({ token }) => token)
    expect(scopes.length).toBeGreaterThan(0)
    const able = Object.values(groups).filter((granted: readonly Scope[]) =>
      scopes.every((scope) => granted.includes(scope)),
    )
    expect(able.length).toBeGreaterThan(0)
  })

  it.each(operations)('has a function that answers $name, and problems for what may go wrong', ({ operation }) => {
    expect(Object.keys(functions)).toContain(operation['x-darkroom-function'])
    const refusals = operation.security.length > 0 ? ['401', '403'] : []
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', ...refusals, '429', '500', '503']))
  })

  it.each(operations)('declares each parameter in the path of $name', ({ path, operation }) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name)
    expect(declared).toEqual(inPath)
  })

  it('opens only what it gives a reason for, to read one thing by an unguessable token', () => {
    expect(publicOperations(document)).toEqual([
      expect.objectContaining({ operationId: 'showShared', method: 'get', path: '/shared/{token}' }),
    ])
    for (const { reason } of publicOperations(document)) expect(reason.length).toBeGreaterThan(40)
  })

  it('takes exactly the image types of the platform', () => {
    const content = document.paths['/images']?.post?.requestBody?.content ?? {}
    expect(Object.keys(content)).toEqual(Object.keys(imageTypes))
  })

  it('takes no direct body that Lambda could not, after base64', () => {
    // Lambda's limit on a synchronous request, less a generous share for the event around the body.
    const room = 6 * 1024 * 1024 - 64 * 1024
    for (const { operation } of operations) {
      expect(Math.ceil(operation['x-darkroom-max-body-bytes'] / 3) * 4).toBeLessThan(room)
    }
    expect(limits.directUploadBytes).toBeGreaterThan(0)
  })
})

/** Amazon API Gateway's "important notes for REST APIs": what its import of OpenAPI 3.0 does not take. */
describe('the contract for Amazon API Gateway', () => {
  it('has paths of plain segments, parameters apart', () => {
    for (const path of Object.keys(document.paths)) {
      for (const segment of path.slice(1).split('/')) expect(segment).toMatch(/^([\w.,:-]+|\{\w+\})$/)
    }
  })

  it('has models with alphanumeric names', () => {
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[A-Za-z0-9]+$/)
  })

  it.each([
    'discriminator',
    'example',
    'examples',
    'nullable',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'readOnly',
    'writeOnly',
    'deprecated',
    'default',
    'oneOf',
    'const',
    '$schema',
    '$id',
  ])('does not use %s', (keyword) => {
    expect(uses(keyword)).toEqual([])
  })

  it('refers to nothing outside itself, and not from within allOf or anyOf', () => {
    const references = keywords.filter(({ key }) => key === '$ref')
    expect(references.filter(({ value }) => !String(value).startsWith('#/'))).toEqual([])
    expect(references.filter(({ at }) => /\/(allOf|anyOf|oneOf)\//.test(at))).toEqual([])
  })

  it('has no formats of numbers that it does not take', () => {
    const formats = keywords.filter(({ key }) => key === 'format').map(({ value }) => value)
    expect(formats.filter((format) => ['int32', 'int64', 'decimal'].includes(String(format)))).toEqual([])
  })

  it('has parameters in path, query and headers only: cookies are not taken', () => {
    const places = operations.flatMap(({ operation }) => (operation.parameters ?? []).map((parameter) => parameter.in))
    expect(places.filter((place) => !['path', 'query', 'header'].includes(place))).toEqual([])
  })

  it('secures each operation by itself, for security at the root is not used', () => {
    expect(document).not.toHaveProperty('security')
    const open = operations.filter(({ operation }) => operation.security.length === 0)
    expect(open.map(({ name }) => name)).toEqual(['get /shared/{token}'])
  })

  it('answers with models, not with bare types', () => {
    const answers = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses as Record<string, { content?: Record<string, { schema: object }> }>).flatMap(
        ([status, { content }]) =>
          Object.values(content ?? {}).map(({ schema }) => ({ answer: `${name} ${status}`, schema })),
      ),
    )
    expect(answers.length).toBeGreaterThan(0)
    expect(answers.filter(({ schema }) => !('$ref' in schema))).toEqual([])
  })

  it('does not use the paths that it keeps for itself', () => {
    expect(Object.keys(document.paths).filter((path) => /^\/s?ping(\/|$)/.test(path))).toEqual([])
  })
})
