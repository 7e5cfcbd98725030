/** The analysts' stacks: a workspace of our own with what is in it, only what is in a joined one, or neither. */
import type { App } from 'cdktf'
import { DatabricksAccountStack } from './databricks-account.ts'
import { DatabricksWorkspaceStack } from './databricks-workspace.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'
import type { NetworkStack } from './network.ts'

export type DatabricksProps = {
  readonly foundation: FoundationStack
  readonly network: NetworkStack
  readonly lake: LakeStack
}

export function addDatabricks(app: App, { foundation, network, lake }: DatabricksProps): void {
  const settings = foundation.config.databricks
  if (settings.kind === 'none') return
  if (settings.kind === 'create') {
    const { role, workspace, analysts } = new DatabricksAccountStack(app, { foundation, network, lake, settings })
    new DatabricksWorkspaceStack(app, {
      foundation,
      lake,
      target: {
        host: workspace.url,
        analysts: analysts.name,
        lake: settings.lakeAccess === 'mount' ? { access: 'mount', crossAccountRole: role } : { access: 'volume' },
        ours: true,
      },
    })
    return
  }
  new DatabricksWorkspaceStack(app, {
    foundation,
    lake,
    target: {
      host: settings.host,
      analysts: settings.analystsGroup,
      lake:
        settings.lakeAccess === 'mount'
          ? { access: 'mount', crossAccountRole: { name: settings.crossAccountRole } }
          : { access: 'volume' },
      ours: false,
    },
  })
}
