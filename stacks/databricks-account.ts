/** What the Databricks account has for us: a workspace in the platform's network, under our keys, and its people. */
import type { Construct } from 'constructs'
import { type CreateConfig, useDatabricksAccount } from './constructs/databricks/account-provider.ts'
import { AnalystsGroup } from './constructs/databricks/analysts-group.ts'
import { CrossAccountRole } from './constructs/databricks/cross-account-role.ts'
import { RootStorage } from './constructs/databricks/root-storage.ts'
import { Workspace } from './constructs/databricks/workspace.ts'
import { WorkspaceKeys } from './constructs/databricks/workspace-keys.ts'
import { WorkspaceNetwork } from './constructs/databricks/workspace-network.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'
import type { NetworkStack } from './network.ts'

export type DatabricksAccountProps = {
  readonly foundation: FoundationStack
  readonly network: NetworkStack
  readonly lake: LakeStack
  readonly settings: CreateConfig
}

export class DatabricksAccountStack extends PlatformStack {
  readonly role: CrossAccountRole
  readonly workspace: Workspace
  readonly analysts: AnalystsGroup

  constructor(scope: Construct, props: DatabricksAccountProps) {
    super(scope, 'databricks-account', props.foundation.config)
    const { settings } = props
    const databricksAccount = useDatabricksAccount(this, settings)
    const network = new WorkspaceNetwork(this, 'network', { databricksAccount, network: props.network })
    this.role = new CrossAccountRole(this, 'role', { databricksAccount, network })
    const keys = new WorkspaceKeys(this, 'keys', { databricksAccount, role: this.role })
    const storage = new RootStorage(this, 'root', {
      databricksAccount,
      key: keys.storage,
      accessLog: props.lake.accessLog,
    })
    const { metastoreId } = settings
    const { role } = this
    this.workspace = new Workspace(this, 'workspace', { databricksAccount, metastoreId, network, role, storage, keys })
    this.analysts = new AnalystsGroup(this, 'analysts', { workspace: this.workspace, people: settings.analysts })
  }
}
