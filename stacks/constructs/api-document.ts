/**
 * The contract as Amazon API Gateway imports it: the same paths, parameters, bodies and scopes, plus what only this
 * gateway understands. Pure; nothing is described a second time.
 */
import type { OpenApiDocument, Operation, Parameter } from '../../contract/openapi.ts'
import { type FunctionName, functions, imageTypes } from '../../platform.ts'
import { gatewayResponses } from './gateway-responses.ts'

export type ApiDocumentProps = {
  /** What the gateway calls for each function that the contract names. */
  readonly invokeArns: Readonly<Partial<Record<FunctionName, string>>>
  /** Whose tokens are taken. */
  readonly userPoolArn: string
}

/** Names of the two kinds of check; bodies that are images have no schema to be held against. */
const validators = {
  parameters: { validateRequestParameters: true, validateRequestBody: false },
  everything: { validateRequestParameters: true, validateRequestBody: true },
} as const
export type Validator = keyof typeof validators

/** The name of the contract's only security scheme. */
const scheme = 'token'

export function apiGatewayDocument(document: OpenApiDocument, props: ApiDocumentProps) {
  return {
    // API Gateway knows 3.0.1 and takes nothing else of 3.0 for an export or an import with all its parts.
    openapi: '3.0.1',
    info: document.info,
    paths: Object.fromEntries(
      Object.entries(document.paths).map(([path, methods]) => [
        path,
        Object.fromEntries(
          Object.entries(methods).map(([method, operation]) => [method, gatewayOperation(operation, props)]),
        ),
      ]),
    ),
    components: {
      schemas: requestSchemas(document),
      securitySchemes: {
        // API Gateway takes no scheme but `apiKey`; the extension makes it Cognito's bearer token.
        [scheme]: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          'x-amazon-apigateway-authtype': 'cognito_user_pools',
          'x-amazon-apigateway-authorizer': { type: 'cognito_user_pools', providerARNs: [props.userPoolArn] },
        },
      },
    },
    'x-amazon-apigateway-binary-media-types': Object.keys(imageTypes),
    'x-amazon-apigateway-request-validators': validators,
    'x-amazon-apigateway-gateway-responses': gatewayResponses(),
  }
}

function gatewayOperation(operation: Operation, { invokeArns }: ApiDocumentProps) {
  const body = jsonBody(operation)
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    tags: operation.tags,
    parameters: operation.parameters?.map(gatewayParameter),
    ...(body && { requestBody: body }),
    // Proxied answers pass as they are: their models would be imported and never used.
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, response]) => [status, { description: describe(response) }]),
    ),
    security: operation.security,
    'x-amazon-apigateway-request-validator': validatorOf(operation),
    'x-amazon-apigateway-integration': {
      type: 'aws_proxy',
      httpMethod: 'POST',
      uri: invokeArnOf(operation, invokeArns),
      passthroughBehavior: 'when_no_match',
      timeoutInMillis: integrationTimeout(operation),
    },
  }
}

/** API Gateway reads no more than this of a parameter; whether a value fits, the function checks. */
const gatewayParameter = ({ name, in: place, required, description }: Parameter) => ({
  name,
  in: place,
  required,
  description,
  schema: { type: 'string' },
})

/** Only JSON is held against a schema; images pass as bytes. */
function jsonBody({ requestBody }: Operation) {
  const json = requestBody?.content['application/json']
  return json && { required: true, content: { 'application/json': json } }
}

export const validatorOf = (operation: Operation): Validator => (jsonBody(operation) ? 'everything' : 'parameters')

/** @throws Error where the contract names a function that no stack has put behind it */
export function invokeArnOf(operation: Operation, invokeArns: ApiDocumentProps['invokeArns']): string {
  const name = operation['x-darkroom-function']
  const arn = invokeArns[name]
  if (!arn) throw new Error(`${operation.operationId} is answered by ${name}, which is not behind the gateway`)
  return arn
}

/** Milliseconds; 29 s is the most that API Gateway waits where its quota has not been raised. */
export const integrationTimeout = (operation: Operation): number =>
  Math.min(29_000, functions[operation['x-darkroom-function']].timeoutSeconds * 1000)

const describe = (response: object): string =>
  'description' in response && typeof response.description === 'string' ? response.description : ''

/** The schemas that request bodies refer to, and what those refer to in turn. */
function requestSchemas({ paths, components }: OpenApiDocument): Record<string, object> {
  const wanted = new Set<string>()
  const collect = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value ?? null).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (wanted.has(name)) continue
      wanted.add(name)
      collect(components.schemas[name])
    }
  }
  for (const methods of Object.values(paths))
    for (const operation of Object.values(methods)) collect(jsonBody(operation))
  return Object.fromEntries(Object.entries(components.schemas).filter(([name]) => wanted.has(name)))
}
