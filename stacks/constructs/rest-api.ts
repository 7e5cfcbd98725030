/**
 * The REST API, made from the contract: either one of our own, or routes below a resource of one that is already in
 * place. Both give the same thing to whoever puts a stage before it.
 */
import { ApiGatewayRestApi } from '@cdktf/provider-aws/lib/api-gateway-rest-api/index.js'
import { Fn, type ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import { openApiDocument } from '../../contract/openapi.ts'
import type { FunctionName } from '../../platform.ts'
import { apiGatewayDocument } from './api-document.ts'
import type { PlatformFunction } from './function.ts'
import { joinApi } from './joined-api.ts'
import type { PlatformStack } from './platform-stack.ts'
import type { UserPool } from './user-pool.ts'

export type RestApiProps = {
  /** The functions that the contract names. */
  readonly answers: Readonly<Partial<Record<FunctionName, PlatformFunction>>>
  readonly userPool: UserPool
}

/** What a stage needs to know of an API. */
export type Api = {
  readonly restApiId: string
  /** Changes with every change that must be deployed. */
  readonly fingerprint: string
  /** What must stand before a deployment is made. */
  readonly parts: readonly ITerraformDependable[]
}

export class RestApi extends Construct implements Api {
  readonly restApiId: string
  readonly fingerprint: string
  readonly parts: readonly ITerraformDependable[]

  constructor(stack: PlatformStack, id: string, { answers, userPool }: RestApiProps) {
    super(stack, id)
    const invokeArns = Object.fromEntries(
      Object.entries(answers).map(([name, answering]) => [name, answering.invokeArn]),
    )
    const { gateway } = stack.config
    const api =
      gateway.mode === 'join'
        ? joinApi(this, { ...gateway, document: openApiDocument(), invokeArns, userPoolArn: userPool.arn })
        : createApi(this, stack, { invokeArns, userPoolArn: userPool.arn })
    this.restApiId = api.restApiId
    this.fingerprint = api.fingerprint
    this.parts = api.parts
    this.#allowCalls(stack, answers)
  }

  /** Each operation may call its function, and nothing else in the API may. */
  #allowCalls(stack: PlatformStack, answers: RestApiProps['answers']): void {
    const joined = stack.config.gateway.mode === 'join'
    for (const [path, methods] of Object.entries(openApiDocument().paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        // A joined API may hold our routes below a resource of its own, whose path only AWS knows.
        const resource = joined ? '/*' : path.replaceAll(/\{\w+\}/g, '*')
        const route = `${this.restApiId}/*/${method.toUpperCase()}${resource}`
        const answering = answers[operation['x-darkroom-function']]
        answering?.allowCallsFrom(
          this,
          `${operation.operationId}-permission`,
          'apigateway.amazonaws.com',
          stack.arn('execute-api', route),
        )
      }
    }
  }
}

function createApi(
  scope: Construct,
  stack: PlatformStack,
  props: { readonly invokeArns: Record<string, string>; readonly userPoolArn: string },
): Api {
  const api = new ApiGatewayRestApi(scope, 'api', {
    name: stack.named('api'),
    description: openApiDocument().info.description,
    body: JSON.stringify(apiGatewayDocument(openApiDocument(), props)),
    // What is not in the document goes: nobody adds a route by hand and keeps it.
    putRestApiMode: 'overwrite',
    failOnWarnings: false,
    endpointConfiguration: { types: ['REGIONAL'] },
    lifecycle: { createBeforeDestroy: true },
  })
  return { restApiId: api.id, fingerprint: Fn.sha1(api.body), parts: [] }
}
