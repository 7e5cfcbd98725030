/** Who can reach what from outside: the API, its functions, the web application and its people. */
import { openApiDocument, publicOperations } from '../../contract/openapi.ts'
import { type Arguments, block, blocks, type Infrastructure, refersTo } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'x-amazon-apigateway-any-method']

/** What the contract opens to everybody, with its reason there. Only reading is accepted, whatever the contract says. */
const accepted = publicOperations(openApiDocument()).filter(({ method }) => method === 'get')
const isAccepted = (method: string, path: string) =>
  accepted.some((operation) => operation.method === method && operation.path === path)

/** Operations of an OpenAPI document that ask for no token, or for one without a scope. */
function openOperations(body: unknown): string[] {
  if (typeof body !== 'string') return []
  const document = JSON.parse(body) as { paths?: Record<string, Record<string, Arguments>>; security?: Arguments[] }
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => methods.includes(method))
      .filter(([method, operation]) => {
        if (isAccepted(method, path)) return false
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

export const webReachRules: readonly Rule[] = [
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
      const named = accepted.some(({ operationId }) => operationId === args.operation_name)
      if (named && args.http_method === 'GET') return undefined
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
