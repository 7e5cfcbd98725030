/** Whether a request fits the contract: content type, parameters and JSON body. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { OpenApiDocument, Parameter } from '../../contract/openapi.ts'
import type { Route } from './operations.ts'
import { Refusal } from './refusal.ts'

export type RequestValues = {
  readonly path: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, readonly string[]>>
  readonly header: (name: string) => string | undefined
}

export type Validator = {
  /** @throws Refusal 400 naming the parameter */
  checkParameters(route: Route, values: RequestValues): void
  /** @throws Refusal 400 naming the field */
  checkJson(route: Route, mediaType: string, body: Uint8Array): void
}

const documentId = 'contract'
const jsonType = 'application/json'

export function createValidator(document: OpenApiDocument, routes: readonly Route[]): Validator {
  // OpenAPI's own keywords and formats are not ajv's; what they mean is checked by the functions.
  const ajv = new Ajv({ strict: false, coerceTypes: true, validateFormats: false, allErrors: false })
  ajv.addSchema(document, documentId)
  const compile = (schema: object): ValidateFunction => ajv.compile(inDocument(schema))
  const bodies = new Ajv({ strict: false, validateFormats: false }).addSchema(document, documentId)

  const parameters = new Map<Parameter, ValidateFunction>()
  const jsonBodies = new Map<object, ValidateFunction>()
  for (const { operation } of routes) {
    for (const parameter of operation.parameters ?? []) {
      parameters.set(parameter, compile({ type: 'object', properties: { value: parameter.schema } }))
    }
    for (const [mediaType, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
      if (mediaType !== jsonType) continue
      jsonBodies.set(schema, bodies.compile(inDocument(schema)))
    }
  }

  return {
    checkParameters({ operation }, values) {
      for (const parameter of operation.parameters ?? []) {
        const given = valuesOf(parameter, values)
        if (given.length === 0 && parameter.required) {
          throw new Refusal(400, 'parameter-missing', `The ${parameter.in} parameter ${parameter.name} is missing`)
        }
        const validate = parameters.get(parameter)
        for (const value of given) {
          if (validate?.({ value })) continue
          const [error] = validate?.errors ?? []
          throw new Refusal(
            400,
            'parameter-invalid',
            `The ${parameter.in} parameter ${parameter.name} ${error?.message}`,
          )
        }
      }
    },
    checkJson({ operation }, mediaType, body) {
      const schema = operation.requestBody?.content[mediaType]?.schema
      const validate = schema && jsonBodies.get(schema)
      if (!validate) return
      const value = parseJson(body)
      if (validate(value)) return
      const [error] = validate.errors ?? []
      throw new Refusal(400, 'invalid-request', describe(error))
    },
  }
}

/** References inside a part of the document are relative to the document. */
const inDocument = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${documentId}#/`)) as object

function valuesOf(parameter: Parameter, values: RequestValues): readonly string[] {
  if (parameter.in === 'query') return values.query[parameter.name] ?? []
  const value = parameter.in === 'path' ? values.path[parameter.name] : values.header(parameter.name)
  return value === undefined ? [] : [value]
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new Refusal(400, 'malformed-json', 'The body is not JSON in UTF-8', { cause })
  }
}

/** Names the field and what it takes, and never repeats what was sent. */
function describe(error: ErrorObject | undefined): string {
  if (!error) return 'The body does not fit'
  const field = error.instancePath.slice(1).replaceAll('/', '.') || 'body'
  if (error.keyword === 'additionalProperties') return `${field}: has an unknown field`
  if (error.keyword === 'enum') return `${field}: must be one of ${(error.params.allowedValues as string[]).join(', ')}`
  return `${field}: ${error.message}`
}

/** @throws Refusal 415 naming what is taken */
export function checkContentType(
  { contentTypes }: Route,
  header: string | undefined,
  encoding: string | undefined,
): string {
  const mediaType = header?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const hint = `Taken are ${contentTypes.join(', ')}.`
  if (!mediaType) throw new Refusal(415, 'content-type-missing', 'The request does not say what its body is', { hint })
  if (!contentTypes.includes(mediaType)) {
    throw new Refusal(415, 'content-type-not-taken', 'The content type is not one that this operation takes', { hint })
  }
  if (encoding && encoding.toLowerCase() !== 'identity') {
    throw new Refusal(415, 'content-encoding-not-taken', 'The body is compressed', { hint: 'Send it as it is.' })
  }
  return mediaType
}
