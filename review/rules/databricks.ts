/** Databricks, for which checkov has no checks: nothing is shared, nothing leaves, and only analysts see. */
import { groups } from '../../platform.ts'
import { block, blocks, type Infrastructure, refersTo } from '../infrastructure.ts'
import { isLake } from '../places.ts'
import type { Rule } from '../rule.ts'

export const docs = (page: string) => `Databricks on AWS documentation, "${page}"`
const sra = 'databricks/terraform-databricks-sra (security reference architecture)'
const [analysts] = Object.keys(groups).filter((name) => name === 'analysts')
/** Beside the analysts, those who administer, and whom a permission names by a reference. */
const known = /^(admins?|account admins|(darkroom-)?([\w-]+-)?analysts|\$\{.*\})$/

/** Other buckets, such as the catalog's own, are there to be written. */
const isInTheLake = (url: unknown, all: Infrastructure) =>
  all.all('aws_s3_bucket').some((bucket) => refersTo(url, bucket) && isLake(bucket, all))

/** Settings by which rows and pictures leave a workspace. */
const waysOut = [
  'enableResultsDownloading',
  'enableNotebookTableClipboard',
  'enableExportNotebook',
  'enableDbfsFileBrowser',
] as const

const ownPlaces = ['path', 'parent_path', 'root_path']

export const databricksRules: readonly Rule[] = [
  {
    id: 'databricks/dashboards-ask-with-the-readers-rights',
    title: 'A dashboard shows what its reader may see',
    severity: 'high',
    why: 'embed_credentials is true where nothing is said: every reader then asks with the publisher’s rights.',
    source: 'Terraform Databricks provider, databricks_dashboard, embed_credentials',
    fix: 'Set embed_credentials to false',
    applies: ['databricks_dashboard'],
    check: ({ args }) => args.embed_credentials !== false && 'shows everybody what its publisher may see',
  },
  {
    id: 'databricks/nothing-is-shared-with-all',
    title: 'Nothing lies in /Shared',
    severity: 'high',
    why: 'Everybody in the workspace may change what lies there.',
    source: docs('Workspace object access control: default folder permissions'),
    fix: 'Use a directory of ours with permissions for the analysts',
    applies: [
      'databricks_notebook',
      'databricks_directory',
      'databricks_dashboard',
      'databricks_workspace_file',
      'databricks_query',
    ],
    check: ({ args }) =>
      ownPlaces.map(
        (place) => /^(\/Workspace)?\/Shared(\/|$)/.test(String(args[place] ?? '')) && `lies in ${args[place]}`,
      ),
  },
  {
    id: 'databricks/analysts-only',
    title: 'Permissions are given to the analysts’ group only',
    severity: 'high',
    why: 'The group "users" is everybody in the workspace; single people are forgotten when they leave.',
    source: docs('Access control lists'),
    fix: `Give it to the group ${analysts}`,
    applies: ['databricks_permissions'],
    check: ({ args }) =>
      blocks(args.access_control).map(
        ({ group_name: group, user_name: user, permission_level: level }) =>
          (user && `gives ${level} to the person ${user}`) ||
          (group && !known.test(group) && `gives ${level} to the group ${group}`),
      ),
  },
  {
    id: 'databricks/grants-are-narrow',
    title: 'Grants are to the analysts, and never all privileges',
    severity: 'high',
    why: '"account users" is everybody in the account; all privileges include writing and granting.',
    source: docs('Unity Catalog privileges and securable objects'),
    fix: 'Grant USE CATALOG, USE SCHEMA, READ VOLUME, SELECT to the analysts',
    applies: ['databricks_grants', 'databricks_grant'],
    check: ({ type, args }) =>
      (type === 'databricks_grant' ? [args] : blocks(args.grant)).flatMap(({ principal, privileges }) => [
        /^(account )?users$/.test(String(principal)) && `gives ${blocks(privileges).join(', ')} to ${principal}`,
        blocks(privileges).some((privilege) => /^(ALL[_ ]PRIVILEGES|MANAGE)$/.test(String(privilege))) &&
          `gives all privileges to ${principal}`,
      ]),
  },
  {
    id: 'databricks/keys-of-ours',
    title: 'The workspace is encrypted with keys of ours',
    severity: 'high',
    why: 'Notebooks with their results, and the root bucket, lie at Databricks.',
    source: `${docs('Customer-managed keys for encryption')}; ${sra}`,
    fix: 'Set managed_services_customer_managed_key_id and storage_customer_managed_key_id',
    applies: ['databricks_mws_workspaces'],
    check: ({ args }) => [
      !args.managed_services_customer_managed_key_id && 'has notebooks and results under Databricks’ own key',
      !args.storage_customer_managed_key_id && 'has its root bucket and disks under a key that is not ours',
    ],
  },
  {
    id: 'databricks/workspace-is-private',
    title: 'The workspace stands in our network, and is reached privately',
    severity: 'high',
    why: 'Clusters with public addresses can send images anywhere.',
    source: `${docs('Enable private connectivity using AWS PrivateLink')}; ${sra}`,
    fix: 'Set network_id and private_access_settings_id',
    applies: ['databricks_mws_workspaces'],
    check: ({ args }) => [
      !args.network_id && 'stands in a network of Databricks',
      !args.private_access_settings_id && 'speaks to Databricks over the internet',
    ],
  },
  {
    id: 'databricks/tokens-expire',
    title: 'Tokens expire',
    severity: 'high',
    why: 'A token without an end is a password that nobody changes.',
    source: 'Terraform Databricks provider, databricks_token, lifetime_seconds',
    fix: 'Use OAuth for service principals; or set lifetime_seconds',
    applies: ['databricks_token', 'databricks_obo_token'],
    check: ({ args }) => !(args.lifetime_seconds > 0) && 'never expires',
  },
  {
    id: 'databricks/lake-is-read-only',
    title: 'The lake is read, and not written, from notebooks',
    severity: 'high',
    why: 'What a notebook writes there no purge knows; and what it overwrites is lost.',
    source: 'Terraform Databricks provider, databricks_external_location, read_only',
    fix: 'Set read_only',
    applies: ['databricks_external_location', 'databricks_storage_credential'],
    check: (resource, all) => {
      const places = all.all('databricks_external_location').filter(({ args }) => isInTheLake(args.url, all))
      const concerned =
        resource.type === 'databricks_external_location'
          ? places.includes(resource)
          : places.some(
              ({ args }) => refersTo(args.credential_name, resource) || args.credential_name === resource.args.name,
            )
      return concerned && resource.args.read_only !== true && 'may be written from notebooks'
    },
  },
  {
    id: 'databricks/nothing-is-downloaded',
    title: 'The workspace keeps no settings that let data out',
    severity: 'medium',
    why: 'A downloaded result outlives every purge.',
    source: docs('Manage workspace settings: results downloading, DBFS file browser'),
    fix: `Set ${waysOut.join(', ')} to "false": what is not said is on`,
    applies: ['databricks_workspace_conf'],
    check: ({ args }) =>
      waysOut
        .filter((name) => String(block(args.custom_config)[name]) !== 'false')
        .map((name) => `does not switch ${name} off`),
  },
  {
    id: 'databricks/results-are-ours',
    title: 'What notebooks show is stored with us',
    severity: 'medium',
    why: 'Small results lie in Databricks’ control plane otherwise, under no bucket and no key of ours.',
    source: docs('Configure notebook result storage location'),
    fix: 'Set storeInteractiveNotebookResultsInCustomerAccount to "true"',
    applies: ['databricks_workspace_conf'],
    check: ({ args }) =>
      String(block(args.custom_config).storeInteractiveNotebookResultsInCustomerAccount) !== 'true' &&
      'leaves results of notebooks with Databricks',
  },
  {
    id: 'databricks/sql-results-stay',
    title: 'Results of SQL are not downloaded',
    severity: 'medium',
    why: 'A downloaded result outlives every purge, and the default allows it.',
    source: 'Databricks settings API, sql_results_download',
    fix: 'Set databricks_workspace_setting_v2 "sql_results_download" to false beside databricks_workspace_conf',
    applies: ['databricks_workspace_conf'],
    check: (_, all) =>
      !all
        .all('databricks_workspace_setting_v2')
        .some(({ args }) => args.name === 'sql_results_download' && block(args.boolean_val).value === false) &&
      'lets people download what SQL shows',
  },
]
