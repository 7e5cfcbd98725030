/**
 * The lake as a mount: clusters carry a role that reads it, and everybody on such a cluster has what the role has. A
 * mount knows no user, so the cluster runs in the one mode that does not part them.
 */
import { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile/index.js'
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
import { InstanceProfile } from '@cdktf/provider-databricks/lib/instance-profile/index.js'
import { Mount } from '@cdktf/provider-databricks/lib/mount/index.js'
import { Construct } from 'constructs'
import { analytics, lakeRoots } from '../../../platform.ts'
import type { LakeStack } from '../../lake.ts'
import type { PlatformStack } from '../platform-stack.ts'
import { policyDocument, trustOf } from '../policy.ts'
import type { AnalystsCluster } from './analysts-cluster.ts'
import type { LakeOnCluster } from './lake-access.ts'
import { letReadTheLake } from './lake-reader.ts'

export type MountedLakeProps = {
  readonly lake: LakeStack
  /** By which Databricks starts clusters. */
  readonly crossAccountRole: { readonly name: string }
}

export class MountedLake extends Construct implements LakeOnCluster {
  readonly root: string
  readonly dataSecurityMode = 'NONE'
  readonly instanceProfileArn: string
  readonly #bucket: string

  constructor(stack: PlatformStack, id: string, { lake, crossAccountRole }: MountedLakeProps) {
    super(stack, id)
    this.root = lakeRoots(stack.config.environment).mount
    this.#bucket = lake.bucket.bucket
    const role = new IamRole(this, 'role', {
      name: stack.named('lake-reader'),
      description: "The analysts' clusters read the lake",
      assumeRolePolicy: trustOf('ec2.amazonaws.com'),
    })
    const reading = letReadTheLake(this, { role, lake })
    const profile = new IamInstanceProfile(this, 'profile', { name: stack.named('lake-reader'), role: role.name })
    const passing = new IamRolePolicy(this, 'pass-role', {
      name: stack.named('pass-lake-reader'),
      role: crossAccountRole.name,
      policy: policyDocument([
        {
          sid: 'GiveClustersTheRole',
          actions: ['iam:PassRole'],
          resources: [role.arn],
          conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
        },
      ]),
    })
    this.instanceProfileArn = new InstanceProfile(this, 'registration', {
      instanceProfileArn: profile.arn,
      iamRoleArn: role.arn,
      // Databricks starts a machine on trial when it hears of a profile.
      dependsOn: [reading, passing],
    }).id
  }

  /** Databricks starts the cluster to mount, and again at every plan to look whether the mount is there. */
  mountBy(cluster: AnalystsCluster): void {
    new Mount(this, 'mount', {
      name: analytics.mount,
      clusterId: cluster.id,
      s3: { bucketName: this.#bucket, instanceProfile: this.instanceProfileArn },
    })
  }
}
