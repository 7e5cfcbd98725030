/** The private network: three zones, no way in or out but the endpoints, and a log of what tried. */
import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones/index.js'
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group/index.js'
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log/index.js'
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js'
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js'
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js'
import { Vpc as AwsVpc } from '@cdktf/provider-aws/lib/vpc/index.js'
import { Fn } from 'cdktf'
import { Construct } from 'constructs'
import type { EncryptionKey } from './key.ts'
import { LogGroup } from './logs.ts'
import type { PlatformStack } from './platform-stack.ts'
import { policyDocument, trustOf } from './policy.ts'

/** MSK wants brokers in as many zones as it keeps copies. */
export const zoneCount = 3

export class Vpc extends Construct {
  readonly id: string
  readonly cidr: string
  readonly subnetIds: readonly string[]
  readonly routeTableId: string

  constructor(stack: PlatformStack, id: string, { logKey }: { readonly logKey: EncryptionKey }) {
    super(stack, id)
    this.cidr = stack.config.cidr
    const vpc = new AwsVpc(this, 'vpc', {
      cidrBlock: this.cidr,
      // Interface endpoints answer under the services' own names.
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: stack.named('vpc') },
    })
    this.id = vpc.id
    // The group that AWS gives every VPC: emptied, so that nothing works by accident.
    new DefaultSecurityGroup(this, 'default-security-group', { vpcId: vpc.id, ingress: [], egress: [] })

    const routes = new RouteTable(this, 'routes', { vpcId: vpc.id, tags: { Name: stack.named('private') } })
    this.routeTableId = routes.id
    const zones = new DataAwsAvailabilityZones(this, 'zones', {
      state: 'available',
      filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
    })
    this.subnetIds = Array.from({ length: zoneCount }, (_, n) => {
      const subnet = new Subnet(this, `private-${n}`, {
        vpcId: vpc.id,
        cidrBlock: subnetCidr(this.cidr, n),
        availabilityZone: Fn.element(zones.names, n),
        mapPublicIpOnLaunch: false,
        tags: { Name: stack.named(`private-${n}`) },
      })
      new RouteTableAssociation(this, `private-${n}-routes`, { subnetId: subnet.id, routeTableId: routes.id })
      return subnet.id
    })
    logFlows(this, stack, vpc.id, logKey)
  }
}

/**
 * The n-th of sixteen equal parts of a /16. The platform takes the first three; the others are free, for example for
 * the analysts' clusters.
 */
export function subnetCidr(cidr: string, n: number): string {
  const [first, second, , , length] = cidr.split(/[./]/)
  if (length !== '16' || n < 0 || n > 15) throw new RangeError(`${cidr} has no part ${n}: a /16 has parts 0 to 15`)
  return `${first}.${second}.${n * 16}.0/20`
}

function logFlows(scope: Construct, stack: PlatformStack, vpcId: string, logKey: EncryptionKey): void {
  const logs = new LogGroup(stack, 'flow-logs', { name: `/darkroom/${stack.named('flows')}`, key: logKey })
  const role = new IamRole(scope, 'flow-log-role', {
    name: stack.named('flow-logs'),
    assumeRolePolicy: trustOf('vpc-flow-logs.amazonaws.com', stack.account),
  })
  new IamRolePolicy(scope, 'flow-log-policy', {
    name: 'write-flows',
    role: role.name,
    policy: policyDocument([
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [`${logs.arn}:*`],
      },
    ]),
  })
  new FlowLog(scope, 'flow-log', {
    vpcId,
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logDestination: logs.arn,
    iamRoleArn: role.arn,
    maxAggregationInterval: 600,
  })
}
