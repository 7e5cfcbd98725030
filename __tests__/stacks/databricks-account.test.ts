/** The account's side: posture of the workspace, choices of the configuration, and what is left out. */
import { describe, expect, it } from 'vitest'
import { ConfigError, cloudConfig } from '../../config.ts'
import { type Arguments, policyOf, synthesizeDatabricks } from './synthesized.ts'

const accountId = '01234567-89ab-cdef-0123-456789abcdef'
const made = synthesizeDatabricks('dev', {
  DARKROOM_DATABRICKS_ACCOUNT: accountId,
  DARKROOM_ANALYSTS: 'ann@example.org, bob@example.org',
})
const inAccount = (type: string) => made.all(type).filter(({ stack }) => stack === 'databricks-account')

describe('the account', () => {
  it('is addressed at its own host, with credentials from the shell', () => {
    const [provider] = made.stack('databricks-account').provider.databricks
    expect(provider).toEqual({ host: 'https://accounts.cloud.databricks.com', account_id: accountId })
  })

  it('is asked for by Terraform where it is not configured', () => {
    const { variable, provider } = synthesizeDatabricks().stack('databricks-account')
    expect(variable.databricks_account_id).not.toHaveProperty('default')
    expect(provider.databricks[0].account_id).toMatch(/^\$\{var\.databricks_account_id\}$/)
  })

  it('gets a metastore only where it names none', () => {
    expect(inAccount('databricks_metastore')).toHaveLength(1)
    const named = synthesizeDatabricks('dev', { DARKROOM_DATABRICKS_METASTORE: accountId })
    expect(named.all('databricks_metastore')).toEqual([])
    expect(named.one('databricks_metastore_assignment').metastore_id).toBe(accountId)
  })
})

describe('the workspace', () => {
  const workspace = made.one('databricks_mws_workspaces')

  it('has a network, private access, storage and both keys of ours', () => {
    for (const argument of [
      'credentials_id',
      'network_id',
      'storage_configuration_id',
      'private_access_settings_id',
      'storage_customer_managed_key_id',
      'managed_services_customer_managed_key_id',
    ]) {
      expect(workspace[argument], argument).toMatch(/^\$\{databricks_mws_/)
    }
    expect(workspace.pricing_tier).toBe('ENTERPRISE')
    const uses = inAccount('databricks_mws_customer_managed_keys').flatMap(({ use_cases: cases }) => cases)
    expect(uses.toSorted()).toEqual(['MANAGED_SERVICES', 'STORAGE'])
  })

  it('is kept from being destroyed in prod only', () => {
    expect(workspace.lifecycle.prevent_destroy).toBe(false)
    expect(synthesizeDatabricks('prod').one('databricks_mws_workspaces').lifecycle.prevent_destroy).toBe(true)
  })

  it('is open to the group of analysts as plain users, with the people that are named', () => {
    expect(made.one('databricks_mws_permission_assignment').permissions).toEqual(['USER'])
    expect(inAccount('databricks_user').map(({ user_name: name }) => name)).toEqual([
      'ann@example.org',
      'bob@example.org',
    ])
    expect(inAccount('databricks_group_member')).toHaveLength(2)
  })
})

describe("the cross-account role's policy", () => {
  it("is Databricks' restricted one, for this VPC and security group", () => {
    const sources = made.stack('databricks-account').data.databricks_aws_crossaccount_policy
    const [policy] = Object.values<Arguments>(sources)
    expect(policy).toMatchObject({
      policy_type: 'restricted',
      vpc_id: expect.stringContaining('aws_vpc'),
      security_group_id: expect.stringContaining('aws_security_group.network_clusters'),
    })
    // PassRole comes with the role to pass, in the workspace's stack.
    expect(policy).not.toHaveProperty('pass_roles')
  })
})

describe("the clusters' network", () => {
  it('is three private subnets beside those of the platform, with a route table of their own', () => {
    const subnets = inAccount('aws_subnet')
    expect(subnets.map(({ cidr_block: block }) => block)).toEqual(['10.40.48.0/20', '10.40.64.0/20', '10.40.80.0/20'])
    for (const subnet of subnets) expect(subnet.map_public_ip_on_launch).toBe(false)
    const blocks = made.all('aws_subnet').map(({ cidr_block: block }) => block)
    expect(new Set(blocks).size).toBe(6)
    expect(inAccount('aws_route_table')).toHaveLength(1)
    expect(inAccount('aws_route_table')[0]?.route).toBeUndefined()
  })

  it('has no way to the internet', () => {
    for (const type of ['aws_internet_gateway', 'aws_nat_gateway', 'aws_egress_only_internet_gateway', 'aws_route']) {
      expect(made.all(type)).toEqual([])
    }
    for (const type of ['aws_vpc_security_group_egress_rule', 'aws_vpc_security_group_ingress_rule']) {
      for (const rule of inAccount(type)) {
        expect(rule.cidr_ipv4 ?? rule.cidr_ipv6).toBeUndefined()
        expect(rule.referenced_security_group_id ?? rule.prefix_list_id).toBeDefined()
      }
    }
  })

  it('reaches Databricks by private link, registered for API and relay', () => {
    const { vpc_endpoints: endpoints } = made.one('databricks_mws_networks')
    expect(endpoints.rest_api[0]).toContain('api-registration')
    expect(endpoints.dataplane_relay[0]).toContain('relay-registration')
    expect(inAccount('databricks_mws_vpc_endpoint')).toHaveLength(2)
    const services = inAccount('aws_vpc_endpoint').map(({ service_name: name }) => name)
    expect(services.filter((name) => name.startsWith('com.amazonaws.vpce.us-east-1.vpce-svc-'))).toHaveLength(2)
  })

  it('reads the lake through its endpoint and never writes it', () => {
    const gateway = inAccount('aws_vpc_endpoint').find(({ vpc_endpoint_type: type }) => type === 'Gateway')
    const { Statement } = policyOf(gateway?.policy)
    const onTheLake = Statement.filter(({ Resource }) => Resource.some((arn) => arn.includes('darkroom-dev-lake-')))
    expect(onTheLake.map(({ Sid }) => Sid)).toEqual(['ReadTheLake'])
    for (const action of onTheLake.flatMap(({ Action }) => Action)) expect(action).toMatch(/^s3:(Get|List)/)
    for (const { Resource, Condition } of Statement) {
      expect(Resource).not.toContain('*')
      expect(Object.keys(Condition?.StringEquals ?? {})[0]).toMatch(/^aws:(Principal|Resource)Account$/)
    }
  })

  it("shares the VPC's one endpoint of STS, for roles of Databricks only, and only where there are clusters", () => {
    const sts = (synthesized: typeof made) =>
      policyOf(
        synthesized.all('aws_vpc_endpoint').find(({ service_name: name }) => name.endsWith('.sts'))?.policy,
      ).Statement.find(({ Sid }) => Sid === 'ClustersOfDatabricks')
    expect(sts(made)?.Resource).toEqual(['arn:aws:iam::414351767826:role/*'])
    expect(sts(synthesizeDatabricks('dev', { DARKROOM_DATABRICKS: 'none' }))).toBeUndefined()
  })

  it('is refused in a region where Databricks has no private link that we know of', () => {
    expect(() => synthesizeDatabricks('dev', { DARKROOM_AWS_REGION: 'eu-north-1' })).toThrow(ConfigError)
  })
})

describe('what Databricks may use of ours', () => {
  it('it may use for this account only', () => {
    const statements = [...inAccount('aws_s3_bucket_policy'), ...inAccount('aws_kms_key')]
      .flatMap(({ policy }) => policyOf(policy).Statement)
      .filter(({ Sid }) => Sid === 'DatabricksForUs')
    expect(statements).toHaveLength(3)
    for (const { Condition } of statements) {
      expect(Condition).toEqual({ StringEquals: { 'aws:PrincipalTag/DatabricksAccountId': accountId } })
    }
  })

  it('is closed to the public and encrypted by our keys', () => {
    const buckets = made.all('aws_s3_bucket').filter(({ stack }) => stack.startsWith('databricks-'))
    expect(buckets).toHaveLength(2)
    for (const type of ['aws_s3_bucket_public_access_block', 'aws_s3_bucket_server_side_encryption_configuration']) {
      expect(made.all(type).filter(({ stack }) => stack.startsWith('databricks-'))).toHaveLength(2)
    }
    for (const key of inAccount('aws_kms_key')) expect(key.enable_key_rotation).toBe(true)
  })
})

describe('a workspace that is already in place', () => {
  const host = 'https://dbc-01234567-89ab.cloud.databricks.com'
  const joined = (more: Record<string, string> = {}) =>
    synthesizeDatabricks('dev', { DARKROOM_DATABRICKS: 'join', DARKROOM_DATABRICKS_HOST: host, ...more })

  it('needs no rights in the account, and keeps the settings of its owners', () => {
    const made = joined()
    expect(made.stacks).not.toContain('databricks-account')
    expect(made.stack('databricks-workspace').provider.databricks).toEqual([{ host }])
    for (const type of [
      'databricks_workspace_conf',
      'databricks_workspace_setting_v2',
      'databricks_entitlements',
      'databricks_disable_legacy_dbfs_setting',
    ]) {
      expect(made.all(type)).toEqual([])
    }
    expect(made.all('databricks_notebook').length).toBeGreaterThanOrEqual(5)
  })

  it("mounts by its owners' role, which is given ours to pass", () => {
    const made = joined({ DARKROOM_LAKE_ACCESS: 'mount', DARKROOM_DATABRICKS_ROLE: 'their-role' })
    expect(made.one('aws_iam_role_policy', { role: 'their-role' }).policy).toContain('iam:PassRole')
  })

  it('gives its rights to the group that its owners have assigned', () => {
    const made = joined({ DARKROOM_ANALYSTS_GROUP: 'image-analysts' })
    for (const { access_control: access } of made.all('databricks_permissions')) {
      expect(access[0].group_name).toBe('image-analysts')
    }
    for (const { grant } of made.all('databricks_grants')) expect(grant[0].principal).toBe('image-analysts')
  })
})

it('nothing of Databricks is made where none is wanted', () => {
  const { stacks } = synthesizeDatabricks('dev', { DARKROOM_DATABRICKS: 'none' })
  expect(stacks.filter((name) => name.startsWith('databricks'))).toEqual([])
})

describe('a configuration that cannot be', () => {
  it.each([
    [{ DARKROOM_DATABRICKS: 'join' }, 'DARKROOM_DATABRICKS_HOST'],
    [
      {
        DARKROOM_DATABRICKS: 'join',
        DARKROOM_DATABRICKS_HOST: 'https://dbc-1.cloud.databricks.com',
        DARKROOM_LAKE_ACCESS: 'mount',
      },
      'DARKROOM_DATABRICKS_ROLE',
    ],
    [{ DARKROOM_DATABRICKS: 'yes' }, 'DARKROOM_DATABRICKS'],
    [{ DARKROOM_LAKE_ACCESS: 'dbfs' }, 'DARKROOM_LAKE_ACCESS'],
    [{ DARKROOM_DATABRICKS_ACCOUNT: '123' }, 'DARKROOM_DATABRICKS_ACCOUNT'],
    [{ DARKROOM_DATABRICKS_HOST: 'http://dbc-1.cloud.databricks.com' }, 'DARKROOM_DATABRICKS_HOST'],
    [{ DARKROOM_ANALYSTS: 'ann@example.org,bob' }, 'DARKROOM_ANALYSTS'],
  ])('%o is an error that names %s', (variables, name) => {
    expect(() => cloudConfig('dev', variables)).toThrow(ConfigError)
    expect(() => cloudConfig('dev', variables)).toThrow(name)
  })
})
