/**
 * Where clusters stand: subnets of their own in the platform's VPC, without any way to the internet. Their ways out are
 * the endpoints below, and the security group names them one by one.
 */
import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones/index.js'
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js'
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js'
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js'
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js'
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js'
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js'
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js'
import { MwsNetworks } from '@cdktf/provider-databricks/lib/mws-networks/index.js'
import { Fn, type ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import type { NetworkStack } from '../../network.ts'
import type { PlatformStack } from '../platform-stack.ts'
import { policyDocument } from '../policy.ts'
import { subnetCidr, zoneCount } from '../vpc.ts'
import { clusterStorageStatements } from './endpoint-policies.ts'
import { PrivateLink } from './private-link.ts'

export type WorkspaceNetworkProps = { readonly databricksAccount: string; readonly network: NetworkStack }

/** The platform's own subnets are the first three parts of the address space. */
const firstPart = 3
/** Databricks' ports: API and S3; the relay; calls between the planes, lineage, and what they keep for later. */
export const controlPorts = [
  [443, 443],
  [6666, 6666],
  [8443, 8451],
] as const

export class WorkspaceNetwork extends Construct {
  readonly vpcId: string
  readonly securityGroupId: string
  /** As Databricks knows it. */
  readonly networkId: string
  /** Whatever has to be there before Databricks can use the network. */
  readonly registered: readonly ITerraformDependable[]
  readonly #stack: PlatformStack

  constructor(stack: PlatformStack, id: string, { databricksAccount, network }: WorkspaceNetworkProps) {
    super(stack, id)
    this.#stack = stack
    this.vpcId = network.vpc.id
    this.securityGroupId = this.#securityGroup('clusters', 'Clusters of Databricks')
    const endpointGroup = this.#securityGroup('databricks-endpoints', 'Endpoints that clusters use')
    this.#allowBetweenClusters()
    for (const [from, to] of controlPorts) this.#allow('control', endpointGroup, from, to)
    // STS has one endpoint in a VPC; it is the platform's.
    this.#allow('sts', network.groups.endpoints, 443, 443)

    const routes = new RouteTable(this, 'routes', { vpcId: this.vpcId, tags: { Name: stack.named('clusters') } })
    const s3 = new VpcEndpoint(this, 's3', {
      vpcId: this.vpcId,
      serviceName: `com.amazonaws.${stack.config.region}.s3`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [routes.id],
      policy: policyDocument(clusterStorageStatements(stack)),
      tags: { Name: stack.named('clusters-s3') },
    })
    new VpcSecurityGroupEgressRule(this, 'to-s3', {
      securityGroupId: this.securityGroupId,
      description: 'clusters to s3',
      prefixListId: s3.prefixListId,
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    })
    const link = new PrivateLink(stack, `${id}-link`, { databricksAccount, network, securityGroupId: endpointGroup })
    const registration = new MwsNetworks(this, 'network', {
      accountId: databricksAccount,
      networkName: stack.named('network'),
      vpcId: this.vpcId,
      subnetIds: this.#subnets(network, routes),
      securityGroupIds: [this.securityGroupId],
      vpcEndpoints: { restApi: [link.apiEndpointId], dataplaneRelay: [link.relayEndpointId] },
    })
    this.networkId = registration.networkId
    this.registered = [registration, s3]
  }

  #subnets(network: NetworkStack, routes: RouteTable): string[] {
    const zones = new DataAwsAvailabilityZones(this, 'zones', {
      state: 'available',
      filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
    })
    return Array.from({ length: zoneCount }, (_, n) => {
      const name = this.#stack.named(`clusters-${n}`)
      const subnet = new Subnet(this, `clusters-${n}`, {
        vpcId: this.vpcId,
        cidrBlock: subnetCidr(network.vpc.cidr, firstPart + n),
        availabilityZone: Fn.element(zones.names, n),
        mapPublicIpOnLaunch: false,
        tags: { Name: name },
      })
      new RouteTableAssociation(this, `clusters-${n}-routes`, { subnetId: subnet.id, routeTableId: routes.id })
      return subnet.id
    })
  }

  #securityGroup(name: string, description: string): string {
    return new SecurityGroup(this, name, {
      name: this.#stack.named(name),
      description,
      vpcId: this.vpcId,
      revokeRulesOnDelete: true,
      tags: { Name: this.#stack.named(name) },
    }).id
  }

  /** Databricks refuses a network whose nodes may not speak to each other on every port, in TCP and UDP. */
  #allowBetweenClusters(): void {
    for (const ipProtocol of ['tcp', 'udp']) {
      const rule = {
        securityGroupId: this.securityGroupId,
        referencedSecurityGroupId: this.securityGroupId,
        description: `nodes to nodes by ${ipProtocol}`,
        ipProtocol,
        fromPort: 0,
        toPort: 65_535,
      }
      new VpcSecurityGroupIngressRule(this, `nodes-${ipProtocol}-in`, rule)
      new VpcSecurityGroupEgressRule(this, `nodes-${ipProtocol}-out`, rule)
    }
  }

  #allow(name: string, to: string, fromPort: number, toPort: number): void {
    const rule = { ipProtocol: 'tcp', fromPort, toPort, description: `clusters to ${name}` }
    new VpcSecurityGroupEgressRule(this, `${name}-${fromPort}-out`, {
      ...rule,
      securityGroupId: this.securityGroupId,
      referencedSecurityGroupId: to,
    })
    new VpcSecurityGroupIngressRule(this, `${name}-${fromPort}-in`, {
      ...rule,
      securityGroupId: to,
      referencedSecurityGroupId: this.securityGroupId,
    })
  }
}
