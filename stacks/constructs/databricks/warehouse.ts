/** The SQL warehouse behind the dashboard. */
import { Permissions } from '@cdktf/provider-databricks/lib/permissions/index.js'
import { SqlEndpoint } from '@cdktf/provider-databricks/lib/sql-endpoint/index.js'
import { Construct } from 'constructs'
import { analytics } from '../../../platform.ts'
import { environmentTag, type PlatformStack } from '../platform-stack.ts'

export class Warehouse extends Construct {
  readonly id: string
  /** Databricks answers once it runs, after some minutes. */
  readonly endpoint: SqlEndpoint

  constructor(stack: PlatformStack, id: string, { analysts }: { readonly analysts: string }) {
    super(stack, id)
    this.endpoint = new SqlEndpoint(this, 'warehouse', {
      name: stack.named('reports'),
      clusterSize: '2X-Small',
      minNumClusters: 1,
      maxNumClusters: 1,
      autoStopMins: analytics.idleMinutes.warehouse,
      // Serverless compute stands in Databricks' network, where our endpoints and their policies do not hold.
      warehouseType: 'PRO',
      enableServerlessCompute: false,
      tags: {
        customTags: [
          { key: 'project', value: 'darkroom' },
          { key: environmentTag, value: stack.config.environment },
        ],
      },
    })
    this.id = this.endpoint.id
    new Permissions(this, 'permissions', {
      sqlEndpointId: this.id,
      accessControl: [{ groupName: analysts, permissionLevel: 'CAN_USE' }],
    })
  }
}
