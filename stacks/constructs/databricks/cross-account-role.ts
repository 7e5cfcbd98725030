/** The role by which Databricks starts and stops clusters in our account: in our VPC and security group only. */
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
import { DataDatabricksAwsAssumeRolePolicy } from '@cdktf/provider-databricks/lib/data-databricks-aws-assume-role-policy/index.js'
import { DataDatabricksAwsCrossaccountPolicy } from '@cdktf/provider-databricks/lib/data-databricks-aws-crossaccount-policy/index.js'
import { MwsCredentials } from '@cdktf/provider-databricks/lib/mws-credentials/index.js'
import { Construct } from 'constructs'
import type { PlatformStack } from '../platform-stack.ts'
import type { WorkspaceNetwork } from './workspace-network.ts'

export type CrossAccountRoleProps = { readonly databricksAccount: string; readonly network: WorkspaceNetwork }

export class CrossAccountRole extends Construct {
  readonly name: string
  readonly arn: string
  readonly credentialsId: string

  constructor(stack: PlatformStack, id: string, { databricksAccount, network }: CrossAccountRoleProps) {
    super(stack, id)
    const role = new IamRole(this, 'role', {
      name: stack.named('databricks'),
      description: 'Databricks starts and stops clusters',
      assumeRolePolicy: new DataDatabricksAwsAssumeRolePolicy(this, 'trust', { externalId: databricksAccount }).json,
    })
    const policy = new IamRolePolicy(this, 'policy', {
      name: 'clusters',
      role: role.name,
      // No roles to pass: the stack of the workspace adds the one that it makes, if it mounts.
      policy: new DataDatabricksAwsCrossaccountPolicy(this, 'restricted', {
        policyType: 'restricted',
        awsAccountId: stack.account,
        region: stack.config.region,
        vpcId: network.vpcId,
        securityGroupId: network.securityGroupId,
      }).json,
    })
    this.name = role.name
    this.arn = role.arn
    this.credentialsId = new MwsCredentials(this, 'credentials', {
      credentialsName: stack.named('credentials'),
      roleArn: role.arn,
      // Databricks tries the role out. IAM takes seconds to know it everywhere, an endpoint takes minutes to be made.
      dependsOn: [policy, ...network.registered],
    }).credentialsId
  }
}
