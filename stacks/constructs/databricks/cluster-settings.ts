/** What all clusters have in common. */
import { environmentTag, type PlatformStack } from '../platform-stack.ts'
import type { LakeOnCluster } from './lake-access.ts'

/** The long-term release whose line of Spark the notebooks are tested on (`databricks/requirements.txt`). */
export const sparkVersion = '17.3.x-scala2.13'

export const clusterSettings = (stack: PlatformStack, lake: LakeOnCluster) => ({
  sparkVersion,
  nodeTypeId: stack.config.compute.nodeType,
  enableLocalDiskEncryption: true,
  awsAttributes: {
    availability: 'ON_DEMAND',
    zoneId: 'auto',
    ...(lake.instanceProfileArn && { instanceProfileArn: lake.instanceProfileArn }),
  },
  // The disks' copy of what was read would outlive a purge.
  sparkConf: { 'spark.databricks.io.cache.enabled': 'false' },
  sparkEnvVars: { LAKE_ROOT: lake.root },
  customTags: { project: 'darkroom', [environmentTag]: stack.config.environment },
})
