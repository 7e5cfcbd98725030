/** The stage that people reach: throttled, traced, logged without personal data. */
import { ApiGatewayAccount } from '@cdktf/provider-aws/lib/api-gateway-account/index.js'
import { ApiGatewayDeployment } from '@cdktf/provider-aws/lib/api-gateway-deployment/index.js'
import { ApiGatewayMethodSettings } from '@cdktf/provider-aws/lib/api-gateway-method-settings/index.js'
import { ApiGatewayStage } from '@cdktf/provider-aws/lib/api-gateway-stage/index.js'
import { ApiGatewayUsagePlan } from '@cdktf/provider-aws/lib/api-gateway-usage-plan/index.js'
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js'
import type { ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import { limits } from '../../platform.ts'
import type { EncryptionKey } from './key.ts'
import { LogGroup } from './logs.ts'
import type { PlatformStack } from './platform-stack.ts'
import { trustOf } from './policy.ts'
import type { Api } from './rest-api.ts'

/** What is logged of a request: nothing that says who or from where. `resourcePath` has `{id}`, not the id. */
const accessLogFields = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  path: '$context.resourcePath',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  functionMs: '$context.integrationLatency',
  error: '$context.error.responseType',
}

export class ApiStage extends Construct {
  readonly apiName: string
  readonly stageName: string
  readonly arn: string
  /** Host name of the API, without the stage. */
  readonly domainName: string

  constructor(
    stack: PlatformStack,
    id: string,
    { api, logKey }: { readonly api: Api; readonly logKey: EncryptionKey },
  ) {
    super(stack, id)
    const { restApiId } = api
    this.apiName = stack.named('api')
    this.domainName = `${restApiId}.execute-api.${stack.config.region}.amazonaws.com`
    const deployment = new ApiGatewayDeployment(this, 'deployment', {
      restApiId,
      triggers: { contract: api.fingerprint },
      dependsOn: [...api.parts],
      lifecycle: { createBeforeDestroy: true },
    })
    const logs = new LogGroup(stack, 'api-logs', { name: `/darkroom/${stack.named('api')}`, key: logKey })
    const stage = new ApiGatewayStage(this, 'stage', {
      restApiId,
      deploymentId: deployment.id,
      // A joined API has stages of its owners' beside ours.
      stageName: stack.config.gateway.mode === 'join' ? stack.named('api') : 'v1',
      xrayTracingEnabled: true,
      accessLogSettings: { destinationArn: logs.arn, format: JSON.stringify(accessLogFields) },
      dependsOn: logging(this, stack),
    })
    this.stageName = stage.stageName
    this.arn = stage.arn
    const throttling = { throttlingRateLimit: limits.requestRate, throttlingBurstLimit: limits.requestBurst }
    new ApiGatewayMethodSettings(this, 'settings', {
      restApiId,
      stageName: stage.stageName,
      methodPath: '*/*',
      // Execution logs would hold request headers and bodies.
      settings: { ...throttling, metricsEnabled: true, loggingLevel: 'OFF', dataTraceEnabled: false },
    })
    // For callers who are given an API key to tell them apart; the stage's throttle holds for all.
    new ApiGatewayUsagePlan(this, 'usage-plan', {
      name: stack.named('api'),
      description: 'The rate and burst that one caller may have',
      apiStages: [{ apiId: restApiId, stage: stage.stageName }],
      throttleSettings: { rateLimit: limits.requestRate, burstLimit: limits.requestBurst },
    })
  }
}

/** API Gateway writes logs by one role in each account and region; the owners of a joined API have set theirs. */
function logging(scope: Construct, stack: PlatformStack): ITerraformDependable[] {
  if (stack.config.gateway.mode === 'join') return []
  const role = new IamRole(scope, 'log-role', {
    name: stack.named('api-logs'),
    assumeRolePolicy: trustOf('apigateway.amazonaws.com'),
  })
  const policy = new IamRolePolicyAttachment(scope, 'log-policy', {
    role: role.name,
    policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
  })
  return [new ApiGatewayAccount(scope, 'account', { cloudwatchRoleArn: role.arn, dependsOn: [policy] })]
}
