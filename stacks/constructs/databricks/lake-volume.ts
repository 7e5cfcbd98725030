/** The lake as a volume of Unity Catalog: Databricks reads it in the name of whoever asks, and grants say who may. */
import { Grants } from '@cdktf/provider-databricks/lib/grants/index.js'
import { Schema } from '@cdktf/provider-databricks/lib/schema/index.js'
import { Volume } from '@cdktf/provider-databricks/lib/volume/index.js'
import type { ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import { analytics, lakeRoots } from '../../../platform.ts'
import type { LakeStack } from '../../lake.ts'
import type { PlatformStack } from '../platform-stack.ts'
import type { AnalyticsCatalog } from './analytics-catalog.ts'
import type { LakeOnCluster } from './lake-access.ts'
import { letReadTheLake } from './lake-reader.ts'
import { UnityStorage } from './unity-storage.ts'

/** What clusters need to know; it does not depend on the volume being there. */
export const lakeVolume = (stack: PlatformStack): LakeOnCluster => ({
  root: lakeRoots(stack.config.environment).volume,
  dataSecurityMode: 'USER_ISOLATION',
})

export type LakeVolumeProps = {
  readonly lake: LakeStack
  readonly catalog: AnalyticsCatalog
  readonly analysts: string
  readonly after: ITerraformDependable
}

export class LakeVolume extends Construct {
  constructor(stack: PlatformStack, id: string, { lake, catalog, analysts, after }: LakeVolumeProps) {
    super(stack, id)
    const storage = new UnityStorage(stack, `${id}-storage`, {
      name: 'lake-reader',
      purpose: "Analysts read the lake's images, metadata and runs",
      bucket: lake.bucket.bucket,
      readOnly: true,
      permissions: (scope, role, more) => letReadTheLake(scope, { role, lake, more }),
      after,
    })
    const schema = new Schema(this, 'schema', {
      catalogName: catalog.name,
      name: analytics.schema,
      comment: 'The lake of the last seven days',
    })
    const volume = new Volume(this, 'volume', {
      catalogName: catalog.name,
      schemaName: schema.name,
      name: analytics.volume,
      volumeType: 'EXTERNAL',
      storageLocation: storage.url,
      comment: 'Images, their metadata, and records of purge runs',
      dependsOn: [storage.location],
    })
    new Grants(this, 'schema-grants', {
      schema: schema.id,
      grant: [{ principal: analysts, privileges: ['USE_SCHEMA'] }],
    })
    new Grants(this, 'volume-grants', {
      volume: volume.id,
      grant: [{ principal: analysts, privileges: ['READ_VOLUME'] }],
    })
  }
}
