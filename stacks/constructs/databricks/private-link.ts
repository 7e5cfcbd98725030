/** The private way between clusters and Databricks' control plane, and who may come in from the other side. */
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js'
import { MwsPrivateAccessSettings } from '@cdktf/provider-databricks/lib/mws-private-access-settings/index.js'
import { MwsVpcEndpoint } from '@cdktf/provider-databricks/lib/mws-vpc-endpoint/index.js'
import { Construct } from 'constructs'
import type { NetworkStack } from '../../network.ts'
import type { PlatformStack } from '../platform-stack.ts'
import { policyDocument } from '../policy.ts'
import { clusterKinesisStatement } from './endpoint-policies.ts'
import { databricksRegion } from './regions.ts'

export type PrivateLinkProps = {
  readonly databricksAccount: string
  readonly network: NetworkStack
  readonly securityGroupId: string
}

export class PrivateLink extends Construct {
  /** As Databricks knows them. */
  readonly apiEndpointId: string
  readonly relayEndpointId: string
  readonly #stack: PlatformStack
  readonly #props: PrivateLinkProps

  constructor(stack: PlatformStack, id: string, props: PrivateLinkProps) {
    super(stack, id)
    this.#stack = stack
    this.#props = props
    const { api, relay } = databricksRegion(stack.config.region)
    this.apiEndpointId = this.#registered('api', api)
    this.relayEndpointId = this.#registered('relay', relay)
    const service = `com.amazonaws.${stack.config.region}.kinesis-streams`
    this.#endpoint('kinesis', service, policyDocument([clusterKinesisStatement(stack.config.region)]))
  }

  /** @returns the id under which Databricks knows the endpoint */
  #registered(name: string, service: string): string {
    return new MwsVpcEndpoint(this, `${name}-registration`, {
      accountId: this.#props.databricksAccount,
      vpcEndpointName: this.#stack.named(`databricks-${name}`),
      awsVpcEndpointId: this.#endpoint(name, service).id,
      region: this.#stack.config.region,
    }).vpcEndpointId
  }

  /** In the platform's subnets, which clusters reach inside the VPC. An endpoint of a partner takes no policy. */
  #endpoint(name: string, serviceName: string, policy?: string): VpcEndpoint {
    return new VpcEndpoint(this, name, {
      vpcId: this.#props.network.vpc.id,
      serviceName,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: [...this.#props.network.vpc.subnetIds],
      securityGroupIds: [this.#props.securityGroupId],
      ...(policy && { policy }),
      tags: { Name: this.#stack.named(`databricks-${name}`) },
    })
  }
}

/**
 * Clusters come by private link, from any endpoint of the account. People come over the internet, signed in: who has
 * a private way for them too closes that here.
 * @returns the id of the settings
 */
export const privateAccess = (stack: PlatformStack, id: string): string =>
  new MwsPrivateAccessSettings(stack, id, {
    privateAccessSettingsName: stack.named('private-access'),
    region: stack.config.region,
    publicAccessEnabled: true,
    privateAccessLevel: 'ACCOUNT',
  }).privateAccessSettingsId
