/** What analysts work with: the lake, notebooks, a cluster, a warehouse with its dashboard, and a job. */
import { DatabricksProvider } from '@cdktf/provider-databricks/lib/provider/index.js'
import type { Construct } from 'constructs'
import { AnalystsCluster } from './constructs/databricks/analysts-cluster.ts'
import { AnalyticsCatalog } from './constructs/databricks/analytics-catalog.ts'
import { LakeVolume, lakeVolume } from './constructs/databricks/lake-volume.ts'
import { MountedLake } from './constructs/databricks/mounted-lake.ts'
import { RefreshJob } from './constructs/databricks/refresh-job.ts'
import { ReportsDashboard } from './constructs/databricks/reports-dashboard.ts'
import { Warehouse } from './constructs/databricks/warehouse.ts'
import { WorkspaceCode } from './constructs/databricks/workspace-code.ts'
import { WorkspaceSettings } from './constructs/databricks/workspace-settings.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'

/** A workspace, of our own or joined. */
export type WorkspaceTarget = {
  readonly host: string
  /** Of the group of analysts. */
  readonly analysts: string
  readonly lake:
    | { readonly access: 'volume' }
    | { readonly access: 'mount'; readonly crossAccountRole: { readonly name: string } }
  /** A joined workspace keeps the settings of its owners. */
  readonly ours: boolean
}

export type DatabricksWorkspaceProps = {
  readonly foundation: FoundationStack
  readonly lake: LakeStack
  readonly target: WorkspaceTarget
}

export class DatabricksWorkspaceStack extends PlatformStack {
  constructor(scope: Construct, { foundation, lake, target }: DatabricksWorkspaceProps) {
    super(scope, 'databricks-workspace', foundation.config)
    new DatabricksProvider(this, 'databricks', { host: target.host })
    const { analysts } = target
    if (target.ours) new WorkspaceSettings(this, 'settings', { lakeAccess: target.lake.access, analysts })

    const warehouse = new Warehouse(this, 'warehouse', { analysts })
    const after = warehouse.endpoint
    const catalog = new AnalyticsCatalog(this, 'catalog', { lake, analysts, after })
    const mounted =
      target.lake.access === 'mount'
        ? new MountedLake(this, 'mounted-lake', { lake, crossAccountRole: target.lake.crossAccountRole })
        : undefined
    const onCluster = mounted ?? lakeVolume(this)
    const cluster = new AnalystsCluster(this, 'cluster', { lake: onCluster, analysts })
    if (mounted) mounted.mountBy(cluster)
    else new LakeVolume(this, 'lake-volume', { lake, catalog, analysts, after })

    const code = new WorkspaceCode(this, 'code', { analysts })
    new RefreshJob(this, 'refresh', { lake: onCluster, catalog, code, analysts })
    new ReportsDashboard(this, 'dashboard', { catalog, warehouse, code, analysts })
  }
}
