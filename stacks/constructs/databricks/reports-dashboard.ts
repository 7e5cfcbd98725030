/** The dashboard over the aggregates, from its file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Dashboard } from '@cdktf/provider-databricks/lib/dashboard/index.js'
import { Permissions } from '@cdktf/provider-databricks/lib/permissions/index.js'
import { Construct } from 'constructs'
import { analytics } from '../../../platform.ts'
import type { PlatformStack } from '../platform-stack.ts'
import type { AnalyticsCatalog } from './analytics-catalog.ts'
import type { Warehouse } from './warehouse.ts'
import type { WorkspaceCode } from './workspace-code.ts'

export type ReportsDashboardProps = {
  readonly catalog: AnalyticsCatalog
  readonly warehouse: Warehouse
  readonly code: WorkspaceCode
  readonly analysts: string
}

const file = join(import.meta.dirname, '../../../databricks/dashboard/darkroom.lvdash.json')

export class ReportsDashboard extends Construct {
  constructor(stack: PlatformStack, id: string, { catalog, warehouse, code, analysts }: ReportsDashboardProps) {
    super(stack, id)
    const dashboard = new Dashboard(this, 'dashboard', {
      displayName: stack.named('reports'),
      parentPath: analytics.folder,
      warehouseId: warehouse.id,
      // The provider knows no default catalog for dashboards, so the file leaves a gap for it.
      serializedDashboard: readFileSync(file, 'utf8').replaceAll('{{reports}}', catalog.reports),
      // Everybody sees what they may see themselves, and not what whoever deployed it may.
      embedCredentials: false,
      dependsOn: [code.folder],
    })
    new Permissions(this, 'permissions', {
      dashboardId: dashboard.id,
      accessControl: [{ groupName: analysts, permissionLevel: 'CAN_RUN' }],
    })
  }
}
