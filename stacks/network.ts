/** The private network. */
import type { Construct } from 'constructs'
import { Endpoints } from './constructs/endpoints.ts'
import type { FunctionNetwork } from './constructs/function.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { SecurityGroups } from './constructs/security-groups.ts'
import { Vpc } from './constructs/vpc.ts'
import type { FoundationStack } from './foundation.ts'

export class NetworkStack extends PlatformStack {
  readonly vpc: Vpc
  readonly groups: SecurityGroups
  /** For functions that speak to the brokers. */
  readonly forFunctions: FunctionNetwork

  constructor(scope: Construct, { foundation }: { readonly foundation: FoundationStack }) {
    super(scope, 'network', foundation.config)
    this.vpc = new Vpc(this, 'vpc', { logKey: foundation.logKey })
    this.groups = new SecurityGroups(this, 'groups', { vpc: this.vpc })
    new Endpoints(this, 'endpoints', { vpc: this.vpc, groups: this.groups })
    this.forFunctions = { subnetIds: this.vpc.subnetIds, securityGroupIds: [this.groups.functions] }
  }
}
