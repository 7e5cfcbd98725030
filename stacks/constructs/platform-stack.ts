/** What every stack has: provider, state backend, names and the account's number. */
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity/index.js'
import { AwsProvider, type AwsProviderEndpoints } from '@cdktf/provider-aws/lib/provider/index.js'
import { LocalBackend, S3Backend, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import type { CloudConfig } from '../../environments.ts'
import { resourceName } from '../../platform.ts'

/** The services that the stacks use, for a stand-in of the AWS API that answers for all of them at one address. */
export const services = [
  'apigateway',
  'budgets',
  'cloudfront',
  'cloudwatch',
  'cloudwatchlogs',
  'cognitoidp',
  'dynamodb',
  'ec2',
  'events',
  'iam',
  'kafka',
  'kms',
  'lambda',
  'route53',
  's3',
  'sns',
  'sts',
  'wafv2',
] as const satisfies readonly (keyof AwsProviderEndpoints)[]

/** The tag that tells environments apart; the budget counts by it. */
export const environmentTag = 'darkroom-environment'

export abstract class PlatformStack extends TerraformStack {
  readonly config: CloudConfig
  /** The account's number, known when Terraform plans. */
  readonly account: string

  /** @param name the room's short name; the stack is called `darkroom-<environment>-<name>` */
  constructor(scope: Construct, name: string, config: CloudConfig) {
    super(scope, resourceName(config.environment, name))
    this.config = config
    new AwsProvider(this, 'aws', providerSettings(config))
    keepState(this, config)
    this.account = new DataAwsCallerIdentity(this, 'account').accountId
  }

  /** A name as AWS sees it. */
  named(name: string): string {
    return resourceName(this.config.environment, name)
  }

  /** Names of buckets are unique in all the world, so the account's number goes into them. */
  bucketName(name: string): string {
    return `${this.named(name)}-${this.account}`
  }

  /** The ARN of something in this account and region. */
  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.config.region}:${this.account}:${resource}`
  }
}

function providerSettings({ environment, region, account, awsEndpoint }: CloudConfig) {
  return {
    region,
    defaultTags: [{ tags: { project: 'darkroom', [environmentTag]: environment } }],
    ...(account && { allowedAccountIds: [account] }),
    ...(awsEndpoint && {
      endpoints: [Object.fromEntries(services.map((service) => [service, awsEndpoint]))],
      accessKey: 'made-up',
      secretKey: 'made-up',
      skipCredentialsValidation: true,
      skipMetadataApiCheck: 'true',
      skipRegionValidation: true,
      s3UsePathStyle: true,
    }),
  }
}

/** The state lies in a bucket with a lock, or beside the project for trying out. */
function keepState(stack: PlatformStack, { state, environment }: CloudConfig): void {
  const file = `${stack.node.id}.tfstate`
  if (state.kind === 'local') {
    // Terraform runs in cdktf.out/stacks/<stack>, so this is the project's folder, for every stack alike.
    new LocalBackend(stack, { path: `../../../${file}` })
    return
  }
  const backend = new S3Backend(stack, {
    bucket: state.bucket,
    region: state.region,
    key: `darkroom/${environment}/${file}`,
    encrypt: true,
  })
  // Terraform's own lock beside the state; cdktf's types know only the older lock in a DynamoDB table.
  backend.addOverride('use_lockfile', true)
}
