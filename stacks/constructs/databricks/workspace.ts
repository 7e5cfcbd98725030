/** The workspace, and the metastore of its region. */
import { Metastore } from '@cdktf/provider-databricks/lib/metastore/index.js'
import { MetastoreAssignment } from '@cdktf/provider-databricks/lib/metastore-assignment/index.js'
import { MwsWorkspaces } from '@cdktf/provider-databricks/lib/mws-workspaces/index.js'
import { Construct } from 'constructs'
import type { PlatformStack } from '../platform-stack.ts'
import type { CrossAccountRole } from './cross-account-role.ts'
import { privateAccess } from './private-link.ts'
import type { RootStorage } from './root-storage.ts'
import type { WorkspaceKeys } from './workspace-keys.ts'
import type { WorkspaceNetwork } from './workspace-network.ts'

export type WorkspaceProps = {
  readonly databricksAccount: string
  /** The region's metastore where there is one; Databricks takes one for each region of an account. */
  readonly metastoreId: string | undefined
  readonly network: WorkspaceNetwork
  readonly role: CrossAccountRole
  readonly storage: RootStorage
  readonly keys: WorkspaceKeys
}

export class Workspace extends Construct {
  readonly id: number
  readonly url: string
  /** People can be assigned once the workspace knows the metastore. */
  readonly metastore: MetastoreAssignment

  constructor(stack: PlatformStack, id: string, props: WorkspaceProps) {
    super(stack, id)
    const { region, protectData } = stack.config
    const workspace = new MwsWorkspaces(this, 'workspace', {
      accountId: props.databricksAccount,
      workspaceName: stack.named('analysts'),
      awsRegion: region,
      // Private link and keys of one's own need it.
      pricingTier: 'ENTERPRISE',
      credentialsId: props.role.credentialsId,
      storageConfigurationId: props.storage.storageConfigurationId,
      networkId: props.network.networkId,
      privateAccessSettingsId: privateAccess(stack, 'private-access'),
      storageCustomerManagedKeyId: props.keys.storageId,
      managedServicesCustomerManagedKeyId: props.keys.managedServicesId,
      lifecycle: { preventDestroy: protectData },
    })
    this.id = workspace.workspaceId
    this.url = workspace.workspaceUrl
    const metastoreId =
      props.metastoreId ??
      // Without storage of its own: every catalog says where its tables lie.
      new Metastore(this, 'metastore', { name: `darkroom-${region}`, region, forceDestroy: false }).id
    this.metastore = new MetastoreAssignment(this, 'metastore-assignment', { metastoreId, workspaceId: this.id })
  }
}
