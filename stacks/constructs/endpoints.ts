/**
 * The only ways out of the VPC: endpoints of the services that the functions and the Kafka trigger use, each with a
 * policy that names our resources. The functions' logs, traces and metrics do not pass through the VPC.
 */
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js'
import { Construct } from 'constructs'
import { buckets, type functions, tables } from '../../platform.ts'
import { clusterStsStatement } from './databricks/endpoint-policies.ts'
import type { PlatformStack } from './platform-stack.ts'
import { policyDocument, type Statement } from './policy.ts'
import type { SecurityGroups } from './security-groups.ts'
import type { Vpc } from './vpc.ts'

export class Endpoints extends Construct {
  constructor(
    stack: PlatformStack,
    id: string,
    { vpc, groups }: { readonly vpc: Vpc; readonly groups: SecurityGroups },
  ) {
    super(stack, id)
    const gateways = { s3: s3Statement(stack), dynamodb: dynamodbStatement(stack) }
    for (const [service, statement] of Object.entries(gateways)) {
      const endpoint = new VpcEndpoint(this, service, {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${stack.config.region}.${service}`,
        vpcEndpointType: 'Gateway',
        routeTableIds: [vpc.routeTableId],
        policy: policyDocument([statement]),
        tags: { Name: stack.named(service) },
      })
      groups.allowGateway(service, endpoint.prefixListId)
    }
    // The trigger takes on the processor's role and calls it from inside of the VPC.
    const interfaces = {
      // The analysts' clusters use it too: a VPC has one private name of STS.
      sts: [stsStatement(stack), ...(stack.config.databricks.kind === 'create' ? [clusterStsStatement] : [])],
      lambda: [lambdaStatement(stack), mappingsStatement(stack)],
    }
    for (const [service, statements] of Object.entries(interfaces)) {
      new VpcEndpoint(this, service, {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${stack.config.region}.${service}`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: [...vpc.subnetIds],
        securityGroupIds: [groups.endpoints],
        policy: policyDocument(statements),
        tags: { Name: stack.named(service) },
      })
    }
  }
}

/** Nobody else's resources, and nobody else's credentials: neither in nor out. */
const ours = (account: string) => ({ StringEquals: { 'aws:PrincipalAccount': account } })

const s3Statement = (stack: PlatformStack): Statement => ({
  sid: 'LakeAndFailures',
  principals: '*',
  actions: [
    's3:GetObject',
    's3:GetObjectVersion',
    's3:PutObject',
    's3:DeleteObject',
    's3:DeleteObjectVersion',
    's3:AbortMultipartUpload',
    's3:ListMultipartUploadParts',
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:ListBucketMultipartUploads',
  ],
  resources: Object.values(buckets).flatMap(({ name }) => {
    const arn = `arn:aws:s3:::${stack.bucketName(name)}`
    return [arn, `${arn}/*`]
  }),
  conditions: ours(stack.account),
})

const dynamodbStatement = (stack: PlatformStack): Statement => ({
  sid: 'Tables',
  principals: '*',
  actions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'].map(
    (action) => `dynamodb:${action}`,
  ),
  resources: Object.values(tables).flatMap(({ name }) => {
    const arn = stack.arn('dynamodb', `table/${stack.named(name)}`)
    return [arn, `${arn}/index/*`]
  }),
  conditions: ours(stack.account),
})

/** The functions that a Kafka trigger feeds. */
const triggered = ['process'] as const satisfies readonly (keyof typeof functions)[]

const stsStatement = (stack: PlatformStack): Statement => ({
  sid: 'TriggerTakesTheRole',
  principals: { Service: 'lambda.amazonaws.com' },
  actions: ['sts:AssumeRole'],
  resources: triggered.map((name) => `arn:aws:iam::${stack.account}:role/${stack.named(name)}`),
})

/** The console pauses, resumes and changes triggers. */
const mappingsStatement = (stack: PlatformStack): Statement => ({
  sid: 'ConsoleChangesTriggers',
  principals: '*',
  actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
  resources: [stack.arn('lambda', 'event-source-mapping:*')],
  conditions: ours(stack.account),
})

const lambdaStatement = (stack: PlatformStack): Statement => ({
  sid: 'TriggerCallsTheFunction',
  principals: { Service: 'lambda.amazonaws.com' },
  actions: ['lambda:InvokeFunction'],
  resources: triggered.map((name) => stack.arn('lambda', `function:${stack.named(name)}`)),
})
