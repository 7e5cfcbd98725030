/** Who can reach what from outside: buckets, policies and the network. What people reach is in `reach-web.ts`. */
import { type Arguments, block, blocks, type Resource } from '../infrastructure.ts'
import { allBeside, beside, documentOf, resourcePolicies, statementsOf } from '../policy.ts'
import type { Rule } from '../rule.ts'

const everywhere = ['0.0.0.0/0', '::/0']
const s3Guide = 'Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage"'

const blocksOfPublicAccess = [
  'block_public_acls',
  'block_public_policy',
  'ignore_public_acls',
  'restrict_public_buckets',
]

/** Conditions that leave only callers of this account or organisation. */
const narrowing =
  /^(aws:(SourceAccount|SourceArn|PrincipalAccount|PrincipalOrgID|PrincipalArn|SourceVpce?)|kms:CallerAccount)$/i

/** Ingress and egress rules of all three kinds, as lists of address ranges. */
function rangesOf({ type, args }: Resource, direction: 'ingress' | 'egress'): string[] {
  const from = (rule: Arguments) =>
    [rule.cidr_blocks, rule.ipv6_cidr_blocks, rule.cidr_ipv4, rule.cidr_ipv6]
      .flat()
      .filter((range) => typeof range === 'string')
  if (type === 'aws_security_group' || type === 'aws_default_security_group')
    return blocks(args[direction]).flatMap(from)
  if (type === 'aws_security_group_rule') return args.type === direction ? from(args) : []
  return type === `aws_vpc_security_group_${direction}_rule` ? from(args) : []
}
const securityGroupTypes = [
  'aws_security_group',
  'aws_default_security_group',
  'aws_security_group_rule',
  'aws_vpc_security_group_ingress_rule',
  'aws_vpc_security_group_egress_rule',
]
export const reachRules: readonly Rule[] = [
  {
    id: 'reach/bucket-blocks-the-public',
    title: 'Every bucket blocks public access',
    severity: 'high',
    why: 'One mistaken policy or ACL would otherwise show everybody’s images to everybody.',
    source: s3Guide,
    fix: 'Add an aws_s3_bucket_public_access_block with all four set (stacks/constructs/private-bucket.ts does)',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      const found = allBeside('aws_s3_bucket_public_access_block', bucket, all)
      if (found.length === 0) return 'does not block public access'
      return blocksOfPublicAccess.map((name) => found.some(({ args }) => args[name] !== true) && `does not set ${name}`)
    },
  },
  {
    id: 'reach/bucket-has-no-acls',
    title: 'Access to buckets is given by policies only',
    severity: 'high',
    why: 'An object’s ACL can give it away without anybody seeing it in a policy.',
    source: 'Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs"',
    fix: 'Set object_ownership to BucketOwnerEnforced',
    applies: ['aws_s3_bucket', 'aws_s3_bucket_acl'],
    check: (bucket, all) => {
      if (bucket.type === 'aws_s3_bucket_acl') return `gives access by an ACL (${bucket.args.acl ?? 'grants'})`
      const ownership = block(beside('aws_s3_bucket_ownership_controls', bucket, all)?.args.rule).object_ownership
      return (ownership ?? 'BucketOwnerEnforced') !== 'BucketOwnerEnforced' && `leaves ACLs on (${ownership})`
    },
  },
  {
    id: 'reach/policy-names-its-callers',
    title: 'No policy allows everybody',
    severity: 'high',
    why: 'A principal of "*" without a condition is the whole world.',
    source: 'AWS IAM User Guide, "AWS JSON policy elements: Principal"',
    fix: 'Name the principal, or add a condition on the account or the source',
    applies: resourcePolicies,
    check: (resource) =>
      statementsOf(documentOf(resource.args))
        .filter(({ allows, principals }) => allows && principals.includes('*'))
        .filter(({ conditions }) => !conditions.some((name) => narrowing.test(name)))
        .map(({ actions }) => `lets everybody ${actions.join(', ')}`),
  },
  {
    id: 'reach/callers-may-do-what-is-named',
    title: 'Policies on resources name actions one by one',
    severity: 'high',
    why: 'Whoever may do "s3:*" to a bucket may also delete it, or open it to others.',
    source: 'AWS IAM User Guide, "Security best practices in IAM": apply least-privilege permissions',
    fix: 'Name the actions that the caller needs',
    // A key’s policy lets its own account do everything: without that nobody could change it any more.
    applies: resourcePolicies.filter((type) => !type.startsWith('aws_kms_')),
    check: (resource) =>
      statementsOf(documentOf(resource.args))
        .filter(({ allows, inverted }) => allows || inverted)
        .flatMap(({ allows, actions, inverted }) => [
          allows && inverted && 'allows everything that it does not name',
          ...actions.filter((action) => allows && /[*?]/.test(action)).map((action) => `allows ${action}`),
        ]),
  },
  {
    id: 'reach/account-blocks-the-public',
    title: 'The account’s own block of public access stays on',
    severity: 'high',
    why: 'Where it is off, each bucket depends on its own block alone.',
    source: s3Guide,
    fix: 'Set all four, or leave the resource out',
    applies: ['aws_s3_account_public_access_block', 'aws_s3_access_point'],
    check: ({ type, args }) => {
      const access = type === 'aws_s3_access_point' ? block(args.public_access_block_configuration) : args
      // An access point blocks everything where nothing is said, an account nothing.
      return blocksOfPublicAccess.map(
        (name) => (access[name] ?? type === 'aws_s3_access_point') !== true && `does not set ${name}`,
      )
    },
  },
  {
    id: 'reach/no-websites',
    title: 'No bucket is a website',
    severity: 'high',
    why: 'S3’s websites speak plain HTTP to everybody; our pages come through CloudFront.',
    source: 'Amazon S3 User Guide, "Hosting a static website using Amazon S3"',
    fix: 'Serve the files through CloudFront (stacks/constructs/web-app.ts)',
    applies: ['aws_s3_bucket_website_configuration'],
    check: () => 'serves a bucket as a website',
  },
  {
    id: 'reach/services-act-for-us-only',
    title: 'AWS services may act for this account only',
    severity: 'medium',
    why: 'Any AWS customer can have a service call our resource by its ARN (the confused deputy).',
    source: 'AWS IAM User Guide, "The confused deputy problem"',
    fix: 'Add a condition on aws:SourceAccount or aws:SourceArn',
    applies: resourcePolicies,
    check: (resource) =>
      statementsOf(documentOf(resource.args))
        .filter(({ allows, principals }) => allows && principals.some((name) => name.startsWith('Service:')))
        .filter(
          ({ conditions }) =>
            !conditions.some((name) => narrowing.test(name) || name.startsWith('kms:EncryptionContext')),
        )
        .map(({ principals }) => `does not say for which account ${principals.join(', ')} may act`),
  },
  {
    id: 'reach/groups-let-nobody-in',
    title: 'No security group lets the internet in',
    severity: 'high',
    why: 'Brokers and endpoints are for our functions only.',
    source: 'CIS AWS Foundations Benchmark, security groups; Amazon VPC User Guide, "Security group rules"',
    fix: 'Name the security group or prefix list that may come in',
    applies: securityGroupTypes,
    check: (resource) =>
      rangesOf(resource, 'ingress')
        .filter((range) => everywhere.includes(range))
        .map((range) => `lets ${range} in`),
  },
  {
    id: 'reach/groups-let-nobody-out',
    title: 'No security group lets data out to the internet',
    severity: 'medium',
    why: 'A function that is taken over could send images anywhere.',
    source: 'AWS Well-Architected Framework, SEC05-BP02 "Control traffic flow within your network layers"',
    fix: 'Name the security group or prefix list that may be reached',
    applies: securityGroupTypes,
    check: (resource) =>
      rangesOf(resource, 'egress')
        .filter((range) => everywhere.includes(range))
        .map((range) => `lets data out to ${range}`),
  },
  {
    id: 'reach/default-group-is-empty',
    title: 'The VPC’s default security group is empty',
    severity: 'medium',
    why: 'Whatever is made without a group gets this one, which lets its members speak to each other and the world.',
    source: 'CIS AWS Foundations Benchmark, "Ensure the default security group of every VPC restricts all traffic"',
    fix: 'Add an aws_default_security_group without rules',
    applies: ['aws_vpc'],
    check: (vpc, all) => {
      const [group] = all.naming('aws_default_security_group', 'vpc_id', vpc)
      if (!group) return 'leaves its default security group open'
      return (
        blocks(group.args.ingress).length + blocks(group.args.egress).length > 0 &&
        'has rules in its default security group'
      )
    },
  },
  {
    id: 'reach/no-way-to-the-internet',
    title: 'The network has no way to the internet',
    severity: 'high',
    why: 'Everything that the functions need has an endpoint; a gateway is a way for data to leave.',
    source: 'docs/deploy.md; AWS Well-Architected Framework, SEC05',
    fix: 'Use a VPC endpoint for the service that is missed',
    applies: ['aws_internet_gateway', 'aws_nat_gateway', 'aws_egress_only_internet_gateway', 'aws_eip'],
    check: ({ type }) => `opens the network to the internet (${type})`,
  },
  {
    id: 'reach/no-public-addresses',
    title: 'Nothing in the network gets a public address',
    severity: 'high',
    why: 'A public address is a way in.',
    source: 'Amazon VPC User Guide, "Subnet settings"',
    fix: 'Set map_public_ip_on_launch to false',
    applies: ['aws_subnet'],
    check: ({ args }) => args.map_public_ip_on_launch === true && 'gives public addresses',
  },
  {
    id: 'reach/brokers-are-private',
    title: 'Brokers are not reached from the internet',
    severity: 'high',
    why: 'The stream is for our functions only.',
    source: 'Amazon MSK Developer Guide, "Turn on public access to an MSK Provisioned cluster"',
    fix: 'Set connectivity_info.public_access.type to DISABLED',
    applies: ['aws_msk_cluster'],
    check: ({ args }) => {
      const { type } = block(block(block(args.broker_node_group_info).connectivity_info).public_access)
      return (type ?? 'DISABLED') !== 'DISABLED' && `gives its brokers public addresses (${type})`
    },
  },
  {
    id: 'reach/endpoints-are-narrow',
    title: 'VPC endpoints let through only what is needed',
    severity: 'medium',
    why: 'An endpoint without a policy lets everything through, to buckets of other accounts too.',
    source: 'AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"',
    fix: 'Give the endpoint a policy that names actions and resources',
    applies: ['aws_vpc_endpoint'],
    check: ({ args }) => {
      // What others offer by PrivateLink takes no policy, and is one service only.
      if (!/^com\.amazonaws\.(?!vpce\.)/.test(String(args.service_name))) return undefined
      if (args.policy === undefined) return 'has no policy, and lets everything through'
      return statementsOf(args.policy)
        .filter(
          ({ allows, resources, actions, conditions }) =>
            allows &&
            conditions.length === 0 &&
            resources.includes('*') &&
            actions.some((action) => action.endsWith('*')),
        )
        .map(({ actions }) => `lets ${actions.join(', ')} through to everything`)
    },
  },
]
