/** The provider at the level of the Databricks account. Credentials come from the shell (`DATABRICKS_CLIENT_ID`, …). */
import { DatabricksProvider } from '@cdktf/provider-databricks/lib/provider/index.js'
import { TerraformVariable } from 'cdktf'
import type { DatabricksConfig } from '../../../environments.ts'
import type { PlatformStack } from '../platform-stack.ts'

export type CreateConfig = Extract<DatabricksConfig, { readonly kind: 'create' }>

/** @returns the account's id: the configured one, or one that Terraform asks for when it plans */
export function useDatabricksAccount(stack: PlatformStack, { accountId }: CreateConfig): string {
  const account =
    accountId ??
    new TerraformVariable(stack, 'databricks_account_id', {
      type: 'string',
      description: 'Id of the Databricks account (set DARKROOM_DATABRICKS_ACCOUNT)',
    }).stringValue
  new DatabricksProvider(stack, 'databricks', {
    host: 'https://accounts.cloud.databricks.com',
    accountId: account,
  })
  return account
}
