/**
 * A Lambda function with a role of its own, its log group and its declared variables. A variable that its `env.ts`
 * declares and the stack forgets does not compile; permissions are given by the same call that gives the variable.
 */
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js'
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js'
import { Lazy } from 'cdktf'
import { Construct } from 'constructs'
import type { DeployedFunctionName, FunctionEnvironments } from '../../functions/environments.ts'
import { cloudFunctions, functions } from '../../platform.ts'
import type { EncryptionKey } from './key.ts'
import { LogGroup } from './logs.ts'
import type { PlatformStack } from './platform-stack.ts'
import { type Grantee, policyDocument, type Statement, trustOf } from './policy.ts'

const definitions = { ...functions, ...cloudFunctions }

/** Where a function stands when it needs the brokers. Others stay outside of the VPC. */
export type FunctionNetwork = { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] }

export type PlatformFunctionProps<Name extends DeployedFunctionName> = {
  readonly name: Name
  /** Gives the permissions and returns the variables that go with them. */
  readonly environment: (grantee: Grantee) => Omit<FunctionEnvironments[Name], keyof Observability>
  readonly logKey: EncryptionKey
  readonly network?: FunctionNetwork
}
type Observability = Record<'POWERTOOLS_SERVICE_NAME' | 'POWERTOOLS_LOG_LEVEL', string>

export class PlatformFunction<Name extends DeployedFunctionName = DeployedFunctionName>
  extends Construct
  implements Grantee
{
  /** Short name, as in `platform.ts`. */
  readonly name: Name
  readonly functionName: string
  readonly arn: string
  /** What API Gateway calls. */
  readonly invokeArn: string
  readonly roleArn: string
  readonly logGroup: LogGroup
  readonly #statements = new Map<string, Statement>()

  constructor(stack: PlatformStack, props: PlatformFunctionProps<Name>) {
    const { name, network } = props
    super(stack, `${name}-function`)
    this.name = name
    const definition = definitions[name]
    const role = new IamRole(this, 'role', {
      name: stack.named(name),
      description: definition.purpose,
      assumeRolePolicy: trustOf('lambda.amazonaws.com'),
    })
    this.logGroup = new LogGroup(stack, `${name}-logs`, {
      name: `/aws/lambda/${stack.named(name)}`,
      key: props.logKey,
    })
    this.allow(...baseStatements(this.logGroup, network))
    const policy = new IamRolePolicy(this, 'policy', {
      name: 'least-privilege',
      role: role.name,
      // Later, because triggers add what they need after the function has been made.
      policy: Lazy.stringValue({ produce: () => policyDocument([...this.#statements.values()]) }),
    })
    const zip = zipFile(name)
    const lambda = new LambdaFunction(this, 'function', {
      functionName: stack.named(name),
      description: definition.purpose,
      role: role.arn,
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      filename: zip,
      sourceCodeHash: `\${filebase64sha256("${zip}")}`,
      timeout: definition.timeoutSeconds,
      memorySize: definition.memoryMb,
      reservedConcurrentExecutions: definition.concurrency.cloud,
      environment: { variables: { ...props.environment(this), ...observability(name, stack), ...runtimeVariables } },
      loggingConfig: { logFormat: 'Text', logGroup: this.logGroup.name },
      tracingConfig: { mode: 'Active' },
      ...(network && {
        vpcConfig: { subnetIds: [...network.subnetIds], securityGroupIds: [...network.securityGroupIds] },
      }),
      // A function that starts before its permissions fails its first calls.
      dependsOn: [policy],
    })
    this.functionName = lambda.functionName
    this.arn = lambda.arn
    this.invokeArn = lambda.invokeArn
    this.roleArn = role.arn
  }

  /** Two grants may need the same permission; it is written once. */
  allow(...statements: Statement[]): void {
    for (const statement of statements) this.#statements.set(JSON.stringify(statement), statement)
  }

  /**
   * Lets an AWS service call the function on behalf of one resource.
   * @param scope of whoever calls: in their stack, so that the function's need not know theirs
   */
  allowCallsFrom(scope: Construct, id: string, service: string, sourceArn: string): LambdaPermission {
    return new LambdaPermission(scope, id, {
      functionName: this.functionName,
      action: 'lambda:InvokeFunction',
      principal: service,
      sourceArn,
    })
  }
}

/**
 * The zip that `scripts/package.ts` makes, seen from the folder in which Terraform runs. Terraform itself reads it,
 * so synthesizing needs no zip and planning without one names the file that is missing.
 */
export const zipFile = (name: DeployedFunctionName): string => `\${path.module}/../../../dist/packages/${name}.zip`

const observability = (name: string, { config }: PlatformStack): Observability => ({
  POWERTOOLS_SERVICE_NAME: name,
  POWERTOOLS_LOG_LEVEL: config.logLevel,
})

/** Read by Node and glibc, not by our code. */
const runtimeVariables = {
  NODE_OPTIONS: '--enable-source-maps',
  // glibc's arenas, one per thread, would otherwise keep what libvips has freed.
  MALLOC_ARENA_MAX: '2',
}

function baseStatements(logs: LogGroup, network: FunctionNetwork | undefined): Statement[] {
  const statements: Statement[] = [
    { sid: 'WriteLogs', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${logs.arn}:*`] },
    // X-Ray has no resources that one could name.
    { sid: 'Trace', actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] },
  ]
  if (network) {
    statements.push({
      sid: 'StandInTheVpc',
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      // Lambda checks these before it knows the interface; AWS's own managed policy names no resource either.
      resources: ['*'],
    })
  }
  return statements
}
