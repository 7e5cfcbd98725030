/** The cluster on which analysts run notebooks, and the policy that it cannot leave. */
import { Cluster } from '@cdktf/provider-databricks/lib/cluster/index.js'
import { ClusterPolicy } from '@cdktf/provider-databricks/lib/cluster-policy/index.js'
import { Permissions } from '@cdktf/provider-databricks/lib/permissions/index.js'
import { Construct } from 'constructs'
import { analytics } from '../../../platform.ts'
import type { PlatformStack } from '../platform-stack.ts'
import { clusterSettings } from './cluster-settings.ts'
import type { LakeOnCluster } from './lake-access.ts'

export type AnalystsClusterProps = { readonly lake: LakeOnCluster; readonly analysts: string }

export class AnalystsCluster extends Construct {
  readonly id: string

  constructor(stack: PlatformStack, id: string, { lake, analysts }: AnalystsClusterProps) {
    super(stack, id)
    const settings = clusterSettings(stack, lake)
    const { workers } = stack.config.compute
    const fixed = (value: unknown) => ({ type: 'fixed', value })
    const policy = new ClusterPolicy(this, 'policy', {
      name: stack.named('analysts'),
      description: 'Ends when idle, keeps no copies, reads the lake in one way',
      definition: JSON.stringify({
        spark_version: fixed(settings.sparkVersion),
        node_type_id: fixed(settings.nodeTypeId),
        data_security_mode: fixed(lake.dataSecurityMode),
        autotermination_minutes: fixed(analytics.idleMinutes.cluster),
        'autoscale.min_workers': fixed(workers.least),
        'autoscale.max_workers': { type: 'range', maxValue: workers.most },
        enable_local_disk_encryption: fixed(true),
        'aws_attributes.availability': fixed(settings.awsAttributes.availability),
        'aws_attributes.instance_profile_arn': lake.instanceProfileArn
          ? fixed(lake.instanceProfileArn)
          : { type: 'forbidden' },
        ...prefixed('spark_conf', settings.sparkConf, fixed),
        ...prefixed('spark_env_vars', settings.sparkEnvVars, fixed),
        ...prefixed('custom_tags', settings.customTags, fixed),
      }),
    })
    const cluster = new Cluster(this, 'cluster', {
      ...settings,
      clusterName: stack.named('analysts'),
      policyId: policy.id,
      dataSecurityMode: lake.dataSecurityMode,
      autoterminationMinutes: analytics.idleMinutes.cluster,
      autoscale: { minWorkers: workers.least, maxWorkers: workers.most },
      isPinned: true,
    })
    this.id = cluster.id
    new Permissions(this, 'permissions', {
      clusterId: cluster.id,
      // Attaching, and starting it when it has ended. Nothing of its settings.
      accessControl: [{ groupName: analysts, permissionLevel: 'CAN_RESTART' }],
    })
  }
}

const prefixed = (prefix: string, values: Record<string, string>, fixed: (value: string) => unknown) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, fixed(value)]))
