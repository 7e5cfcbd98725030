/**
 * The contract's routes as resources and methods below a resource of a REST API that is already in place. That API
 * stays its owners': its binary media types and its own answers (`docs/deploy.md` says which it needs) are not touched.
 */
import { createHash } from 'node:crypto'
import { ApiGatewayAuthorizer } from '@cdktf/provider-aws/lib/api-gateway-authorizer/index.js'
import { ApiGatewayIntegration } from '@cdktf/provider-aws/lib/api-gateway-integration/index.js'
import { ApiGatewayMethod } from '@cdktf/provider-aws/lib/api-gateway-method/index.js'
import { ApiGatewayRequestValidator } from '@cdktf/provider-aws/lib/api-gateway-request-validator/index.js'
import { ApiGatewayResource } from '@cdktf/provider-aws/lib/api-gateway-resource/index.js'
import type { ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import type { OpenApiDocument, Operation } from '../../contract/openapi.ts'
import { type ApiDocumentProps, integrationTimeout, invokeArnOf } from './api-document.ts'
import type { Api } from './rest-api.ts'

export type JoinedApiProps = ApiDocumentProps & {
  readonly document: OpenApiDocument
  readonly restApiId: string
  readonly rootResourceId: string
}

export function joinApi(scope: Construct, props: JoinedApiProps): Api {
  const { document, restApiId } = props
  const authorizer = new ApiGatewayAuthorizer(scope, 'authorizer', {
    restApiId,
    name: 'darkroom',
    type: 'COGNITO_USER_POOLS',
    providerArns: [props.userPoolArn],
  })
  // Bodies are held against their schemas by the functions; models would need names in an API that is not ours.
  const validator = new ApiGatewayRequestValidator(scope, 'validator', {
    restApiId,
    name: 'darkroom-parameters',
    validateRequestParameters: true,
  })
  const resourceOf = resources(scope, props)
  const integrations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { operationId } = operation
      const route = { restApiId, resourceId: resourceOf(path), httpMethod: method.toUpperCase() }
      const made = new ApiGatewayMethod(scope, `${operationId}-method`, {
        ...route,
        operationName: operationId,
        ...(operation.security.length === 0
          ? { authorization: 'NONE' }
          : {
              authorization: 'COGNITO_USER_POOLS',
              authorizerId: authorizer.id,
              authorizationScopes: operation.security.flatMap(({ token }) => token),
            }),
        requestValidatorId: validator.id,
        requestParameters: requestParameters(operation),
      })
      return new ApiGatewayIntegration(scope, `${operationId}-integration`, {
        ...route,
        type: 'AWS_PROXY',
        integrationHttpMethod: 'POST',
        uri: invokeArnOf(operation, props.invokeArns),
        timeoutMilliseconds: integrationTimeout(operation),
        dependsOn: [made],
      })
    }),
  )
  const parts: ITerraformDependable[] = integrations
  const fingerprint = createHash('sha1').update(JSON.stringify(document.paths)).digest('hex')
  return { restApiId, fingerprint, parts }
}

/** @returns finds, and makes where it is new, the resource of a path, one segment below the other */
function resources(scope: Construct, { restApiId, rootResourceId }: JoinedApiProps): (path: string) => string {
  const made = new Map([['', rootResourceId]])
  const resourceOf = (path: string): string => {
    const known = made.get(path)
    if (known) return known
    const cut = path.lastIndexOf('/')
    const resource = new ApiGatewayResource(scope, `resource${path.replaceAll(/[^a-z]+/g, '-')}`, {
      restApiId,
      parentId: resourceOf(path.slice(0, cut)),
      pathPart: path.slice(cut + 1),
    })
    made.set(path, resource.id)
    return resource.id
  }
  return resourceOf
}

/** `method.request.<place>.<name>` → whether it must be there. */
function requestParameters({ parameters = [] }: Operation): Record<string, boolean> {
  const places = { path: 'path', query: 'querystring', header: 'header' } as const
  return Object.fromEntries(
    parameters.map(({ name, in: place, required }) => [`method.request.${places[place]}.${name}`, required]),
  )
}
