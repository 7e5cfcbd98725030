/** Keys of ours for what Databricks keeps: its bucket and the clusters' disks, and what the control plane stores. */
import { MwsCustomerManagedKeys } from '@cdktf/provider-databricks/lib/mws-customer-managed-keys/index.js'
import { Construct } from 'constructs'
import { EncryptionKey } from '../key.ts'
import type { PlatformStack } from '../platform-stack.ts'
import type { Statement } from '../policy.ts'
import type { CrossAccountRole } from './cross-account-role.ts'
import { databricksAccount } from './regions.ts'

export type WorkspaceKeysProps = { readonly databricksAccount: string; readonly role: CrossAccountRole }

export class WorkspaceKeys extends Construct {
  /** For the root bucket. */
  readonly storage: EncryptionKey
  /** As Databricks knows them. */
  readonly storageId: string
  readonly managedServicesId: string

  constructor(stack: PlatformStack, id: string, { databricksAccount: account, role }: WorkspaceKeysProps) {
    super(stack, id)
    this.storage = new EncryptionKey(stack, 'storage-key', {
      name: 'databricks-storage',
      purpose: "Databricks' root bucket and the disks of clusters",
      statements: [
        forDatabricks(account, ['Encrypt', 'Decrypt', 'ReEncrypt*', 'GenerateDataKey*', 'DescribeKey']),
        {
          sid: 'DisksOfClusters',
          principals: { AWS: role.arn },
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:CreateGrant', 'kms:DescribeKey'],
          resources: ['*'],
          conditions: { StringEquals: { 'kms:ViaService': `ec2.${stack.config.region}.amazonaws.com` } },
        },
      ],
    })
    const managedServices = new EncryptionKey(stack, 'managed-services-key', {
      name: 'databricks-managed-services',
      purpose: 'Notebooks, queries and secrets in the control plane of Databricks',
      statements: [forDatabricks(account, ['Encrypt', 'Decrypt'])],
    })
    const register = (name: string, key: EncryptionKey, useCase: string) =>
      new MwsCustomerManagedKeys(this, name, {
        accountId: account,
        useCases: [useCase],
        awsKeyInfo: { keyArn: key.arn, keyAlias: key.alias },
      }).customerManagedKeyId
    this.storageId = register('storage', this.storage, 'STORAGE')
    this.managedServicesId = register('managed-services', managedServices, 'MANAGED_SERVICES')
  }
}

/** Databricks' account serves many; the tag says for which of them it acts. */
const forDatabricks = (account: string, actions: readonly string[]): Statement => ({
  sid: 'DatabricksForUs',
  principals: { AWS: `arn:aws:iam::${databricksAccount}:root` },
  actions: actions.map((action) => `kms:${action}`),
  resources: ['*'],
  conditions: { StringEquals: { 'aws:PrincipalTag/DatabricksAccountId': account } },
})
