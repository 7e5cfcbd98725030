/** What analysts are given, in both ways of seeing the lake, held against `platform.ts` and the files of `databricks/`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analytics, layout } from '../../platform.ts'
import { type Arguments, policyOf, type Resource, synthesizeDatabricks } from './synthesized.ts'

const room = join(import.meta.dirname, '../../databricks')
const variants = {
  volume: synthesizeDatabricks('dev', { DARKROOM_LAKE_ACCESS: 'volume' }),
  mount: synthesizeDatabricks('dev', { DARKROOM_LAKE_ACCESS: 'mount' }),
}
const { volume, mount } = variants
const lakeRoots = { volume: '/Volumes/darkroom_dev/lake/images', mount: '/mnt/images' }
const root = (access: keyof typeof variants) => lakeRoots[access]
const both = Object.entries(variants).map(([access, made]) => ({ access: access as keyof typeof variants, made }))
const only = <T>(list: readonly T[]): T => {
  expect(list).toHaveLength(1)
  return list[0] as T
}

describe.each(both)('a workspace that sees the lake as $access', ({ access, made }) => {
  const inWorkspace = (type: string): Resource[] =>
    made.all(type).filter(({ stack }) => stack === 'databricks-workspace')
  const cluster = made.one('databricks_cluster')
  const job = made.one('databricks_job')

  it('ends its cluster and its warehouse when nobody uses them', () => {
    expect(cluster.autotermination_minutes).toBe(analytics.idleMinutes.cluster)
    expect(cluster.autotermination_minutes).toBeGreaterThan(0)
    expect(made.one('databricks_sql_endpoint').auto_stop_mins).toBe(analytics.idleMinutes.warehouse)
  })

  it('has a cluster that fits its policy, which fixes what matters', () => {
    const { definition } = made.one('databricks_cluster_policy')
    const rules: Record<string, Arguments> = JSON.parse(definition)
    const settings: Record<string, unknown> = {
      ...cluster,
      'autoscale.min_workers': cluster.autoscale.min_workers,
      'aws_attributes.availability': cluster.aws_attributes.availability,
      'aws_attributes.instance_profile_arn': cluster.aws_attributes.instance_profile_arn,
    }
    for (const group of ['spark_conf', 'spark_env_vars', 'custom_tags']) {
      for (const [name, value] of Object.entries(cluster[group])) settings[`${group}.${name}`] = value
    }
    const fixed = Object.entries(rules).filter(([, { type }]) => type === 'fixed')
    expect(fixed.map(([name]) => name)).toEqual(
      expect.arrayContaining(['data_security_mode', 'autotermination_minutes', 'node_type_id', 'spark_version']),
    )
    for (const [name, { value }] of fixed) expect(settings[name], name).toEqual(value)
    expect(cluster.autoscale.max_workers).toBeLessThanOrEqual(rules['autoscale.max_workers']?.maxValue)
    expect(cluster.policy_id).toContain('databricks_cluster_policy')
  })

  it('keeps no copies of what was read on the disks, and encrypts the disks', () => {
    for (const { spark_conf: conf, enable_local_disk_encryption: encrypted } of [
      cluster,
      only<Arguments>(job.job_cluster).new_cluster,
    ]) {
      expect(conf).toMatchObject({ 'spark.databricks.io.cache.enabled': 'false' })
      expect(encrypted).toBe(true)
    }
  })

  it('tells notebooks and the job where the lake is', () => {
    expect(cluster.spark_env_vars.LAKE_ROOT).toBe(root(access))
    expect(job.parameter).toContainEqual({ name: 'LAKE_ROOT', default: root(access) })
    expect(only<Arguments>(job.task).spark_python_task.parameters).toContain('{{job.parameters.LAKE_ROOT}}')
  })

  it('has exactly the notebooks that are in the folder', () => {
    const files = readdirSync(join(room, 'notebooks')).filter((name) => name.endsWith('.py'))
    expect(files.length).toBeGreaterThanOrEqual(5)
    const uploaded = inWorkspace('databricks_notebook')
    expect(uploaded.map(({ source }) => source.split('/').at(-1)).toSorted()).toEqual(files.toSorted())
    for (const { path, source, language } of uploaded) {
      expect(path).toBe(`${analytics.folder}/notebooks/${source.split('/').at(-1).replace('.py', '')}`)
      expect(language).toBe('PYTHON')
    }
  })

  it('has every transform where notebooks look for it, and the script of the job', () => {
    const sources = readdirSync(join(room, 'src'), { recursive: true, encoding: 'utf8' })
    const expected = sources.filter((name) => name.endsWith('.py')).map((name) => `${analytics.folder}/src/${name}`)
    const paths = inWorkspace('databricks_workspace_file').map(({ path }) => path)
    const script = only<Arguments>(job.task).spark_python_task.python_file.replace('/Workspace', '')
    expect(paths.toSorted()).toEqual([...expected, script].toSorted())
  })

  it('puts nothing where everybody may change it', () => {
    const paths = ['databricks_notebook', 'databricks_workspace_file', 'databricks_directory', 'databricks_dashboard']
      .flatMap(inWorkspace)
      .map(({ path, parent_path: parent }) => path ?? parent)
    for (const path of paths) expect(path).toMatch(new RegExp(`^${analytics.folder}(/|$)`))
    expect(analytics.folder).not.toMatch(/^\/Shared/)
  })

  it('lets analysts read and run, and nothing else', () => {
    const permissions = inWorkspace('databricks_permissions')
    const levels = Object.fromEntries(
      permissions.map(({ access_control: access, id: _id, stack: _stack, type: _type, ...target }) => {
        const { group_name: group, permission_level: level } = only<Arguments>(access)
        expect(group).toContain('databricks_group')
        return [Object.keys(target).find((name) => /_(id|path)$/.test(name)), level]
      }),
    )
    expect(levels).toEqual({
      cluster_id: 'CAN_RESTART',
      sql_endpoint_id: 'CAN_USE',
      directory_path: 'CAN_RUN',
      job_id: 'CAN_VIEW',
      dashboard_id: 'CAN_RUN',
    })
  })

  it('grants analysts the way to what they read, selecting and reading, and nothing else', () => {
    const granted = inWorkspace('databricks_grants').flatMap(({ grant }) => only<Arguments>(grant).privileges)
    const expected = ['USE_CATALOG', 'USE_SCHEMA', 'SELECT', ...(access === 'volume' ? ['READ_VOLUME'] : [])]
    expect(new Set(granted)).toEqual(new Set(expected))
  })

  it('lets nobody make clusters', () => {
    expect(made.one('databricks_entitlements')).toMatchObject({
      allow_cluster_create: false,
      allow_instance_pool_create: false,
    })
  })

  it('shows everybody the dashboard with their own rights, over aggregates only', () => {
    const dashboard = made.one('databricks_dashboard')
    expect(dashboard.embed_credentials).toBe(false)
    const { datasets } = JSON.parse(dashboard.serialized_dashboard)
    const script = readFileSync(join(room, 'jobs/refresh_reports.py'), 'utf8')
    const written = [...script.matchAll(/^ {8}"(\w+)":/gm)].map(([, name]) => name)
    expect(written.length).toBeGreaterThan(0)
    for (const { queryLines } of datasets) {
      const tables = [...queryLines.join('').matchAll(/FROM (\S+)/g)].map(([, name]) => name)
      for (const table of tables) {
        expect(table).toMatch(/databricks_schema/)
        expect(written).toContain(table.split('.').at(-1))
      }
      expect(tables).toHaveLength(1)
    }
  })

  it('refreshes the aggregates each hour, by a cluster that only the job uses', () => {
    expect(job.schedule).toEqual({
      quartz_cron_expression: analytics.refresh,
      timezone_id: 'UTC',
      pause_status: 'UNPAUSED',
    })
    expect(only<Arguments>(job.job_cluster).new_cluster.data_security_mode).toBe('SINGLE_USER')
    expect(job.max_concurrent_runs).toBe(1)
  })

  it('reads the lake where notebooks look, decrypts, and does nothing else to it', () => {
    const { policy } = made.one('aws_iam_role_policy', { name: 'read-the-lake' })
    const { Statement } = policyOf(policy)
    const allowed = Statement.flatMap(({ Action }) => Action).filter((action) => !action.startsWith('sts:'))
    expect(new Set(allowed)).toEqual(
      new Set(['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:GetBucketLocation', 'kms:Decrypt']),
    )
    const objects = Statement.filter(({ Action }) => Action.includes('s3:GetObject')).flatMap(
      ({ Resource }) => Resource,
    )
    expect(objects.map((arn) => arn.split('}/').at(-1))).toEqual(
      [layout.images, layout.metadata, layout.runs].map((prefix) => `${prefix}*`),
    )
    const decrypting = only(Statement.filter(({ Action }) => Action.includes('kms:Decrypt')))
    expect(decrypting.Condition).toEqual({ StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } })
  })

  it('stores what notebooks show in our bucket, and lets nothing of it be downloaded', () => {
    expect(made.one('databricks_workspace_conf').custom_config).toMatchObject({
      storeInteractiveNotebookResultsInCustomerAccount: 'true',
      enableResultsDownloading: 'false',
      enableNotebookTableClipboard: 'false',
      enableExportNotebook: 'false',
      enableDbfsFileBrowser: 'false',
    })
    expect(made.one('databricks_workspace_setting_v2', { name: 'sql_results_download' }).boolean_val).toEqual({
      value: false,
    })
  })

  it('is the only one to see what it has in Unity Catalog', () => {
    for (const type of ['databricks_storage_credential', 'databricks_external_location']) {
      for (const { isolation_mode: mode } of inWorkspace(type)) expect(mode).toBe('ISOLATION_MODE_ISOLATED')
    }
    expect(made.one('databricks_catalog').isolation_mode).toBe('ISOLATED')
  })
})

describe('a mounted lake', () => {
  it('is mounted by a cluster that carries the instance profile and does not part its users', () => {
    const { s3, cluster_id: clusterId, name } = mount.one('databricks_mount')
    const cluster = mount.one('databricks_cluster')
    expect(name).toBe('images')
    expect(clusterId).toContain(`databricks_cluster.${cluster.id}.`)
    expect(s3.instance_profile).toContain('databricks_instance_profile')
    expect(cluster.aws_attributes.instance_profile_arn).toBe(s3.instance_profile)
    expect(cluster.data_security_mode).toBe('NONE')
    expect(mount.one('databricks_workspace_conf').custom_config.enforceUserIsolation).toBe('false')
  })

  it('lets Databricks give clusters the one role, and waits for it', () => {
    const passing = mount.one('aws_iam_role_policy', { name: 'darkroom-dev-pass-lake-reader' })
    const { Action, Resource, Condition } = only(policyOf(passing.policy).Statement)
    expect(Action).toEqual(['iam:PassRole'])
    expect(only(Resource)).toContain('aws_iam_role.mounted-lake_role')
    expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } })
    expect(mount.one('databricks_instance_profile').depends_on).toContain(`aws_iam_role_policy.${passing.id}`)
  })

  it('has no volume, and leaves DBFS on', () => {
    expect(mount.all('databricks_volume')).toEqual([])
    expect(mount.all('databricks_disable_legacy_dbfs_setting')).toEqual([])
  })
})

describe('a lake as a volume', () => {
  it('is one external volume over the lake, by a credential and a location that only read', () => {
    expect(volume.one('databricks_volume')).toMatchObject({
      volume_type: 'EXTERNAL',
      name: analytics.volume,
      storage_location: expect.stringMatching(
        /^s3:\/\/\$\{data\.terraform_remote_state.*-lake\.outputs\..*lake_bucket/,
      ),
    })
    for (const type of ['databricks_storage_credential', 'databricks_external_location']) {
      expect(volume.one(type, { name: 'darkroom-dev-lake-reader' }).read_only).toBe(true)
    }
  })

  it('needs no instance profile, no mount, no DBFS, and parts its users', () => {
    for (const type of ['databricks_instance_profile', 'aws_iam_instance_profile', 'databricks_mount']) {
      expect(volume.all(type)).toEqual([])
    }
    const cluster = volume.one('databricks_cluster')
    expect(cluster.aws_attributes).not.toHaveProperty('instance_profile_arn')
    expect(cluster.data_security_mode).toBe('USER_ISOLATION')
    expect(volume.one('databricks_workspace_conf').custom_config.enforceUserIsolation).toBe('true')
    expect(volume.one('databricks_disable_legacy_dbfs_setting').disable_legacy_dbfs).toEqual({ value: true })
  })
})
