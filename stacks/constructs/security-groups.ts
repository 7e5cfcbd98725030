/** Who may talk to whom inside the VPC: functions and triggers to the brokers, both to the endpoints. Nothing else. */
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js'
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js'
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js'
import { Construct } from 'constructs'
import type { PlatformStack } from './platform-stack.ts'
import type { Vpc } from './vpc.ts'

/** Kafka with TLS and IAM, inside of the VPC. */
const kafkaPort = 9098
const httpsPort = 443

export class SecurityGroups extends Construct {
  /** Functions that publish or administer. */
  readonly functions: string
  /** The brokers, and the event source mapping, which AWS puts into the brokers' group. */
  readonly brokers: string
  readonly endpoints: string
  readonly #stack: PlatformStack

  constructor(stack: PlatformStack, id: string, { vpc }: { readonly vpc: Vpc }) {
    super(stack, id)
    this.#stack = stack
    this.functions = this.#group('functions', 'Functions that speak to the brokers', vpc)
    this.brokers = this.#group('brokers', 'Brokers, and the trigger that polls them', vpc)
    this.endpoints = this.#group('endpoints', 'Interface endpoints of AWS services', vpc)
    this.#allow('functions-to-brokers', this.functions, this.brokers, kafkaPort)
    this.#allow('trigger-to-brokers', this.brokers, this.brokers, kafkaPort)
    // The console's function pauses and resumes the trigger.
    this.#allow('functions-to-endpoints', this.functions, this.endpoints, httpsPort)
    this.#allow('trigger-to-endpoints', this.brokers, this.endpoints, httpsPort)
  }

  /** Lets functions and trigger reach S3 or DynamoDB through their gateway endpoint. */
  allowGateway(name: string, prefixListId: string): void {
    for (const [from, group] of [
      ['functions', this.functions],
      ['trigger', this.brokers],
    ] as const) {
      new VpcSecurityGroupEgressRule(this, `${from}-to-${name}`, {
        securityGroupId: group,
        description: `${from} to ${name}`,
        prefixListId,
        ipProtocol: 'tcp',
        fromPort: httpsPort,
        toPort: httpsPort,
      })
    }
  }

  #group(name: string, description: string, vpc: Vpc): string {
    return new SecurityGroup(this, name, {
      name: this.#stack.named(name),
      description,
      vpcId: vpc.id,
      // Rules are resources of their own; AWS's "everything out" is taken away by stating none here.
      revokeRulesOnDelete: true,
      tags: { Name: this.#stack.named(name) },
    }).id
  }

  #allow(id: string, from: string, to: string, port: number): void {
    const rule = { ipProtocol: 'tcp', fromPort: port, toPort: port, description: id.replaceAll('-', ' ') }
    new VpcSecurityGroupEgressRule(this, `${id}-out`, {
      ...rule,
      securityGroupId: from,
      referencedSecurityGroupId: to,
    })
    new VpcSecurityGroupIngressRule(this, `${id}-in`, {
      ...rule,
      securityGroupId: to,
      referencedSecurityGroupId: from,
    })
  }
}
