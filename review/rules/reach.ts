/** Who can reach what from outside: buckets, network, API, functions, the web application. */
import { type Arguments, block, blocks, type Infrastructure, type Resource, refersTo } from '../infrastructure.ts'
import { beside, statementsOf } from '../policy.ts'
import type { Rule } from '../rule.ts'

const everywhere = ['0.0.0.0/0', '::/0']
const s3Guide = 'Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage"'

const blocksOfPublicAccess = [
  'block_public_acls',
  'block_public_policy',
  'ignore_public_acls',
  'restrict_public_buckets',
]

/** Policies that lie on a resource, and the argument with the document. */
const resourcePolicies = [
  'aws_s3_bucket_policy',
  'aws_sns_topic_policy',
  'aws_sqs_queue_policy',
  'aws_kms_key',
  'aws_msk_cluster_policy',
  'aws_dynamodb_resource_policy',
  'aws_api_gateway_rest_api_policy',
]
const documentOf = ({ args }: Resource) => args.policy ?? args.resource_policy

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
const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'x-amazon-apigateway-any-method']

/** Operations of an OpenAPI document that ask for no token, or for one without a scope. */
function openOperations(body: unknown): string[] {
  if (typeof body !== 'string') return []
  const document = JSON.parse(body) as { paths?: Record<string, Record<string, Arguments>>; security?: Arguments[] }
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => methods.includes(method))
      .filter(([, operation]) => {
        const security = blocks(operation.security ?? document.security)
        return security.length === 0 || security.some((asked) => Object.values(asked).flat().length === 0)
      })
      .map(([method]) => `${method.toUpperCase()} ${path} asks for no scope`),
  )
}

const policyOf = (behaviour: Arguments, all: Infrastructure) =>
  all
    .all('aws_cloudfront_response_headers_policy')
    .find((policy) => refersTo(behaviour.response_headers_policy_id, policy))

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
      const access = beside('aws_s3_bucket_public_access_block', bucket, all)
      if (!access) return 'does not block public access'
      return blocksOfPublicAccess.map((name) => access.args[name] !== true && `does not set ${name}`)
    },
  },
  {
    id: 'reach/bucket-has-no-acls',
    title: 'Access to buckets is given by policies only',
    severity: 'high',
    why: 'An object’s ACL can give it away without anybody seeing it in a policy.',
    source: 'Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs"',
    fix: 'Set object_ownership to BucketOwnerEnforced',
    applies: ['aws_s3_bucket'],
    check: (bucket, all) => {
      const ownership = block(beside('aws_s3_bucket_ownership_controls', bucket, all)?.args.rule).object_ownership
      return [
        (ownership ?? 'BucketOwnerEnforced') !== 'BucketOwnerEnforced' && `leaves ACLs on (${ownership})`,
        beside('aws_s3_bucket_acl', bucket, all) && 'has an ACL',
      ]
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
      statementsOf(documentOf(resource))
        .filter(({ allows, principals }) => allows && principals.includes('*'))
        .filter(({ conditions }) => !conditions.some((name) => narrowing.test(name)))
        .map(({ actions }) => `lets everybody ${actions.join(', ')}`),
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
      statementsOf(documentOf(resource))
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
  {
    id: 'reach/api-asks-for-a-scope',
    title: 'Every operation of the API asks for a token with a scope',
    severity: 'high',
    why: 'An operation without an authorizer answers anybody.',
    source: 'Amazon API Gateway Developer Guide, "Control access to REST APIs using Amazon Cognito user pools"',
    fix: 'Give the operation its security in contract/',
    applies: ['aws_api_gateway_rest_api', 'aws_api_gateway_method'],
    check: ({ type, args }) => {
      if (type === 'aws_api_gateway_rest_api') return openOperations(args.body)
      if (args.http_method === 'OPTIONS') return undefined
      return [
        (args.authorization ?? 'NONE') === 'NONE' && `${args.http_method} asks for no token`,
        args.authorization === 'COGNITO_USER_POOLS' &&
          blocks(args.authorization_scopes).length === 0 &&
          'asks for no scope',
      ]
    },
  },
  {
    id: 'reach/api-has-a-firewall',
    title: 'Every stage of the API stands behind the firewall',
    severity: 'medium',
    why: 'Known bad input and floods would reach, and cost, the functions.',
    source: 'AWS WAF Developer Guide; Amazon API Gateway Developer Guide, "Use AWS WAF to protect your REST APIs"',
    fix: 'Add an aws_wafv2_web_acl_association for the stage',
    applies: ['aws_api_gateway_stage'],
    check: (stage, all) =>
      all.naming('aws_wafv2_web_acl_association', 'resource_arn', stage).length === 0 && 'has no firewall before it',
  },
  {
    id: 'reach/api-is-throttled',
    title: 'Every stage of the API is throttled',
    severity: 'medium',
    why: 'Without a limit of its own one caller uses up the account’s, and runs up the bill.',
    source: 'Amazon API Gateway Developer Guide, "Throttle requests to your REST APIs"',
    fix: 'Set throttling_rate_limit and throttling_burst_limit for */*',
    applies: ['aws_api_gateway_stage'],
    check: (stage, all) => {
      const settings = all
        .naming('aws_api_gateway_method_settings', 'stage_name', stage)
        .filter(({ args }) => args.method_path === '*/*')
      return !settings.some(({ args }) => block(args.settings).throttling_rate_limit > 0) && 'has no rate limit'
    },
  },
  {
    id: 'reach/no-function-urls',
    title: 'Functions are called through the API only',
    severity: 'high',
    why: 'A function URL goes round firewall, scopes and throttling.',
    source: 'AWS Lambda Developer Guide, "Control access to Lambda function URLs"',
    fix: 'Remove the URL, and add the operation to the contract',
    applies: ['aws_lambda_function_url'],
    check: ({ args }) => `gives the function a URL of its own (${args.authorization_type})`,
  },
  {
    id: 'reach/callers-are-named',
    title: 'Whoever may call a function is named',
    severity: 'high',
    why: 'A service without a source may call it on behalf of any AWS customer.',
    source: 'AWS Lambda Developer Guide, "Using resource-based policies in Lambda"',
    fix: 'Set source_arn (and source_account for S3)',
    applies: ['aws_lambda_permission'],
    check: ({ args }) => [
      args.principal === '*' && 'lets everybody call the function',
      String(args.principal).endsWith('.amazonaws.com') &&
        !args.source_arn &&
        !args.source_account &&
        `lets ${args.principal} call the function for anybody`,
    ],
  },
  {
    id: 'reach/web-files-through-cloudfront-only',
    title: 'CloudFront signs what it asks S3 for',
    severity: 'high',
    why: 'Without origin access control the bucket would have to be public.',
    source: 'Amazon CloudFront Developer Guide, "Restrict access to an Amazon S3 origin"',
    fix: 'Give the origin an origin_access_control_id',
    applies: ['aws_cloudfront_distribution'],
    check: ({ args }) =>
      blocks(args.origin)
        .filter((origin) => blocks(origin.custom_origin_config).length === 0 && !origin.origin_access_control_id)
        .map(({ origin_id: id }) => `reads the origin "${id}" unsigned`),
  },
  {
    id: 'reach/pages-have-a-strict-policy',
    title: 'The pages carry a strict content security policy',
    severity: 'high',
    why: 'Without it, script in a file name or an image’s metadata runs with somebody’s token.',
    source: 'W3C Content Security Policy Level 3; OWASP Secure Headers',
    fix: 'Set a response headers policy with content_security_policy (stacks/constructs/security-headers.ts)',
    applies: ['aws_cloudfront_distribution'],
    check: ({ args }, all) => {
      const headers = policyOf(block(args.default_cache_behavior), all)
      const policy = block(block(headers?.args.security_headers_config).content_security_policy).content_security_policy
      if (!policy) return 'sends no content security policy'
      const loose = String(policy).match(/'unsafe-(inline|eval|hashes)'|(?<=\s)(\*|https?:)(?=[\s;]|$)/g) ?? []
      return [
        ...loose.map((part) => `has a content security policy with ${part}`),
        !/(default|script)-src/.test(policy) && 'has a content security policy that says nothing about scripts',
      ]
    },
  },
  {
    id: 'reach/edge-speaks-tls',
    title: 'The edge speaks TLS only',
    severity: 'high',
    why: 'Tokens and images would be read on the way.',
    source: 'Amazon CloudFront Developer Guide, "Require HTTPS for communication between viewers and CloudFront"',
    fix: 'viewer_protocol_policy redirect-to-https or https-only; origins https-only; certificate TLSv1.2_2021',
    applies: ['aws_cloudfront_distribution'],
    check: ({ args }) => {
      const behaviours = [block(args.default_cache_behavior), ...blocks(args.ordered_cache_behavior)]
      const certificate = block(args.viewer_certificate)
      return [
        ...behaviours.map(
          ({ viewer_protocol_policy: policy, path_pattern: path = 'the default' }) =>
            policy === 'allow-all' && `takes plain HTTP (${path})`,
        ),
        ...blocks(args.origin).map(
          (origin) =>
            blocks(origin.custom_origin_config).some((to) => to.origin_protocol_policy !== 'https-only') &&
            `speaks plain HTTP to "${origin.origin_id}"`,
        ),
        certificate.acm_certificate_arn &&
          !/^TLSv1\.[23]_/.test(certificate.minimum_protocol_version ?? '') &&
          'takes old TLS',
      ]
    },
  },
  {
    id: 'reach/edge-keeps-no-answers',
    title: 'Answers of the API are kept nowhere on their way',
    severity: 'high',
    why: 'A cached answer is shown to the next person, and outlives the purge.',
    source: 'Amazon CloudFront Developer Guide, "Use managed cache policies" (CachingDisabled)',
    fix: 'Use CachingDisabled towards the API, and no cache cluster on the stage',
    applies: ['aws_cloudfront_distribution', 'aws_api_gateway_stage'],
    check: ({ type, args }) => {
      if (type === 'aws_api_gateway_stage') return args.cache_cluster_enabled === true && 'caches answers'
      const dynamic = blocks(args.origin)
        .filter((origin) => blocks(origin.custom_origin_config).length > 0)
        .map(({ origin_id: id }) => id)
      return [block(args.default_cache_behavior), ...blocks(args.ordered_cache_behavior)]
        .filter(({ target_origin_id: target }) => dynamic.includes(target))
        .filter(({ cache_policy_id: policy }) => policy !== '4135ea2d-6df8-44a3-9df3-4b5a84be39ad')
        .map(({ path_pattern: path = 'the default' }) => `keeps answers of the API at the edge (${path})`)
    },
  },
  {
    id: 'reach/cors-names-origins',
    title: 'Only our pages may read the lake from a browser',
    severity: 'medium',
    why: 'Any page could use a presigned link that it got hold of.',
    source: 'Amazon S3 User Guide, "Using cross-origin resource sharing (CORS)"',
    fix: 'Name the web application’s origin',
    applies: ['aws_s3_bucket_cors_configuration'],
    check: ({ args }) =>
      blocks(args.cors_rule).map(
        ({ allowed_origins: origins }) => origins?.includes('*') && 'lets any page read objects',
      ),
  },
  {
    id: 'reach/people-are-invited',
    title: 'People are invited, and sign in with a second factor',
    severity: 'high',
    why: 'Open registration gives everybody a token; a password alone is given away by phishing.',
    source: 'Amazon Cognito Developer Guide, "Security best practices for Amazon Cognito user pools"',
    fix: 'allow_admin_create_user_only = true; mfa_configuration ON (or OPTIONAL for trying out); 12 characters or more',
    applies: ['aws_cognito_user_pool'],
    check: ({ args }) => [
      block(args.admin_create_user_config).allow_admin_create_user_only !== true && 'lets anybody register',
      (args.mfa_configuration ?? 'OFF') === 'OFF' && 'has no second factor',
      (block(args.password_policy).minimum_length ?? 8) < 12 && 'takes short passwords',
    ],
  },
  {
    id: 'reach/tokens-come-by-code',
    title: 'Browsers get tokens by code, never in the address',
    severity: 'high',
    why: 'A token in an address is in histories and logs.',
    source: 'RFC 9700 (Best Current Practice for OAuth 2.0 Security), 2.1.2',
    fix: 'allowed_oauth_flows = ["code"], callback URLs with https',
    applies: ['aws_cognito_user_pool_client'],
    check: ({ args }) => [
      blocks(args.allowed_oauth_flows).some((flow) => String(flow) === 'implicit') &&
        'gives tokens in the address (implicit flow)',
      ...blocks(args.callback_urls)
        .map(String)
        .map((url) => url.startsWith('http:') && `sends codes to ${url} in clear`),
    ],
  },
]
