/** Settings of a workspace of our own, as Databricks' security reference has them. A joined one keeps its owners'. */
import { DataDatabricksGroup } from '@cdktf/provider-databricks/lib/data-databricks-group/index.js'
import { DisableLegacyAccessSetting } from '@cdktf/provider-databricks/lib/disable-legacy-access-setting/index.js'
import { DisableLegacyDbfsSetting } from '@cdktf/provider-databricks/lib/disable-legacy-dbfs-setting/index.js'
import { Entitlements } from '@cdktf/provider-databricks/lib/entitlements/index.js'
import { WorkspaceConf } from '@cdktf/provider-databricks/lib/workspace-conf/index.js'
import { WorkspaceSettingV2 } from '@cdktf/provider-databricks/lib/workspace-setting-v2/index.js'
import { Construct } from 'constructs'
import type { LakeAccess } from '../../../environments.ts'
import type { PlatformStack } from '../platform-stack.ts'

export type WorkspaceSettingsProps = { readonly lakeAccess: LakeAccess; readonly analysts: string }

export class WorkspaceSettings extends Construct {
  constructor(stack: PlatformStack, id: string, { lakeAccess, analysts }: WorkspaceSettingsProps) {
    super(stack, id)
    const mounts = lakeAccess === 'mount'
    new WorkspaceConf(this, 'conf', {
      customConfig: {
        // Ways by which rows and pictures leave for places that the purge does not know. Values are text.
        enableResultsDownloading: 'false',
        enableNotebookTableClipboard: 'false',
        enableExportNotebook: 'false',
        enableDbfsFileBrowser: 'false',
        // In our bucket, under our key.
        storeInteractiveNotebookResultsInCustomerAccount: 'true',
        enableVerboseAuditLogs: 'true',
        enableWebTerminal: 'false',
        // A mount works only on clusters that do not part their users.
        enforceUserIsolation: String(!mounts),
      },
    })
    // What SQL shows of a volume's files, and a dashboard of the reports, is for the screen.
    new WorkspaceSettingV2(this, 'no-sql-downloads', { name: 'sql_results_download', booleanVal: { value: false } })
    if (!mounts) {
      new DisableLegacyDbfsSetting(this, 'no-dbfs', { disableLegacyDbfs: { value: true } })
      new DisableLegacyAccessSetting(this, 'no-hive-metastore', { disableLegacyAccess: { value: true } })
    }
    new Entitlements(this, 'entitlements', {
      groupId: new DataDatabricksGroup(this, 'analysts', { displayName: analysts }).id,
      workspaceAccess: true,
      databricksSqlAccess: true,
      allowClusterCreate: false,
      allowInstancePoolCreate: false,
    })
  }
}
