/** What people and their browsers meet: sign-in, gateway, firewall, the web application and the edge. */
import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../contract/openapi.ts'
import { webConfig, webPages } from '../../contract/web.ts'
import { limits, sharing } from '../../platform.ts'
import { apiPatterns, forwardHost, pagesToIndex } from '../../stacks/constructs/edge.ts'
import { imageUploads } from '../../stacks/constructs/firewall.ts'
import { type Arguments, policyOf, synthesize } from './synthesized.ts'

const dev = synthesize()

describe('people', () => {
  const pool = dev.one('aws_cognito_user_pool')
  const client = dev.one('aws_cognito_user_pool_client')

  it('do not sign up by themselves', () => {
    expect(pool.admin_create_user_config).toEqual({ allow_admin_create_user_only: true })
  })

  it.each([
    ['dev', 'OPTIONAL'],
    ['staging', 'ON'],
    ['prod', 'ON'],
  ] as const)('in %s need a second factor: %s', (environment, mfa) => {
    expect(synthesize(environment).one('aws_cognito_user_pool').mfa_configuration).toBe(mfa)
  })

  it('sign in with the code flow; the application has no secret and never sees a password', () => {
    expect(client).toMatchObject({
      allowed_oauth_flows: ['code'],
      generate_secret: false,
      explicit_auth_flows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      prevent_user_existence_errors: 'ENABLED',
      enable_token_revocation: true,
    })
    expect(client.callback_urls).toEqual([expect.stringMatching(/^https:\/\/.*\/signed-in$/)])
  })

  it('get scopes by their groups, from version 2 of the token event', () => {
    expect(pool.user_pool_tier).toBe('ESSENTIALS')
    expect(pool.lambda_config.pre_token_generation_config).toMatchObject({ lambda_version: 'V2_0' })
  })
})

describe('the gateway', () => {
  const api = JSON.parse(dev.one('aws_api_gateway_rest_api').body)

  it('asks every operation for a token of the pool, with a scope, except the page of shared links', () => {
    const { token } = api.components.securitySchemes
    expect(token['x-amazon-apigateway-authorizer']).toMatchObject({ type: 'cognito_user_pools' })
    for (const methods of Object.values<Arguments>(api.paths)) {
      for (const { security, operationId } of Object.values<Arguments>(methods)) {
        if (operationId === 'showShared') {
          expect(security).toEqual([])
          continue
        }
        expect(security).toHaveLength(1)
        expect(security[0].token.length).toBeGreaterThan(0)
      }
    }
  })

  it('answers its own errors as problem+json with a stable code', () => {
    for (const [name, response] of Object.entries<Arguments>(api['x-amazon-apigateway-gateway-responses'])) {
      expect(response.responseParameters['gatewayresponse.header.Content-Type'], name).toBe(
        "'application/problem+json'",
      )
      const problem = JSON.parse(response.responseTemplates['application/json'])
      expect(problem, name).toMatchObject({
        type: `urn:darkroom:problem:${problem.code}`,
        requestId: '$context.requestId',
      })
      expect(response.statusCode ?? problem.status, name).toBe(problem.status)
    }
  })

  it.each([
    ['UNAUTHORIZED', 401],
    ['MISSING_AUTHENTICATION_TOKEN', 404],
    ['REQUEST_TOO_LARGE', 413],
    ['THROTTLED', 429],
  ])('says %s as %i', (name, status) => {
    expect(api['x-amazon-apigateway-gateway-responses'][name].statusCode).toBe(status)
  })
})

describe('the firewall', () => {
  const { rule: rules } = dev.one('aws_wafv2_web_acl')
  const common = rules.find(({ name }: Arguments) => name === 'AWSManagedRulesCommonRuleSet')
  const counted: string[] = common.statement.managed_rule_group_statement.rule_action_override.map(
    ({ name }: Arguments) => name,
  )

  it('knows the operations that take images', () => {
    expect(imageUploads(openApiDocument())).toEqual([{ method: 'POST', path: '/images' }])
  })

  it('does not take a photograph for an attack: rules that read bodies only count', () => {
    expect(counted).toContain('SizeRestrictions_BODY')
    expect(counted).toContain('CrossSiteScripting_BODY')
    expect(common.override_action).toEqual({ none: {} })
  })

  it('blocks everywhere else what those rules find', () => {
    for (const name of counted) {
      const blocking = rules.find((rule: Arguments) => rule.name === `${name}-outside-uploads`)
      expect(blocking.action).toEqual({ block: {} })
      const [labelled, elsewhere] = blocking.statement.and_statement.statement
      expect(labelled.label_match_statement.key).toBe(
        `awswaf:managed:aws:core-rule-set:${name.replace('_BODY', '_Body')}`,
      )
      expect(JSON.stringify(elsewhere.not_statement)).toContain('"search_string":"/images"')
    }
  })

  it('comes after the rules whose labels it reads', () => {
    const priorities = rules.map(({ priority }: Arguments) => priority)
    expect(new Set(priorities).size).toBe(rules.length)
    expect(common.priority).toBeLessThan(
      Math.min(
        ...rules.filter(({ name }: Arguments) => name.endsWith('-outside-uploads')).map((r: Arguments) => r.priority),
      ),
    )
  })

  it('limits how much one person and one address may ask', () => {
    const rates = rules.flatMap(({ statement }: Arguments) => statement.rate_based_statement ?? [])
    expect(rates.map(({ aggregate_key_type: by }: Arguments) => by)).toEqual([
      'CUSTOM_KEYS',
      'FORWARDED_IP',
      'FORWARDED_IP',
    ])
    const perSecond = rates.map((rate: Arguments) => rate.limit / rate.evaluation_window_sec)
    expect(perSecond).toEqual([limits.requestRate, limits.requestRate, sharing.requestRate])
    expect(JSON.stringify(rates[2].scope_down_statement)).toContain('/shared/')
  })

  it('stands before the stage', () => {
    expect(dev.one('aws_wafv2_web_acl_association').resource_arn).toContain('aws_api_gateway_stage')
  })
})

describe('the web application', () => {
  const distribution = dev.one('aws_cloudfront_distribution')

  it('is reached by HTTPS only', () => {
    expect(distribution.default_cache_behavior.viewer_protocol_policy).toBe('redirect-to-https')
    for (const behaviour of distribution.ordered_cache_behavior) {
      expect(behaviour.viewer_protocol_policy).toBe('https-only')
    }
  })

  it('has its files read by this distribution alone', () => {
    const { policy } = dev.all('aws_s3_bucket_policy').find(({ id }) => id.startsWith('web-bucket_')) ?? {
      policy: '{}',
    }
    const [reading, ...others] = policyOf(policy).Statement.filter(({ Effect }) => Effect === 'Allow')
    expect(others).toEqual([])
    expect(reading).toMatchObject({ Principal: { Service: 'cloudfront.amazonaws.com' }, Action: ['s3:GetObject'] })
    expect(reading?.Condition?.StringEquals?.['aws:SourceArn']).toContain('aws_cloudfront_distribution')
  })

  it('has a content security policy without exceptions for scripts and styles', () => {
    const { content_security_policy: csp } = dev.one('aws_cloudfront_response_headers_policy').security_headers_config
    expect(csp.content_security_policy).toMatch(/default-src 'none'/)
    expect(csp.content_security_policy).not.toMatch(/unsafe|\*/)
  })

  it('passes every route of the contract on to the API, uncached', () => {
    const passed = distribution.ordered_cache_behavior.map(({ path_pattern: pattern }: Arguments) => pattern)
    expect(passed).toEqual(apiPatterns(openApiDocument()))
    for (const path of Object.keys(openApiDocument().paths)) {
      expect(passed.some((pattern: string) => path === pattern || path.startsWith(pattern.replace('*', '')))).toBe(true)
    }
    for (const page of webPages) expect(passed).not.toContain(page)
  })

  it('lets only its own pages send files to the lake', () => {
    const [rule] = dev.one('aws_s3_bucket_cors_configuration').cors_rule
    expect(rule.allowed_origins).toEqual([expect.stringMatching(/^https:\/\/\$\{aws_cloudfront_distribution/)])
  })

  it('has its own name where one is configured', () => {
    const named = synthesize('dev', {
      DARKROOM_DOMAIN: 'photos.example.org',
      DARKROOM_CERTIFICATE_ARN: 'arn:aws:acm:us-east-1:123456789012:certificate/x',
      DARKROOM_ZONE_ID: 'Z123',
    })
    expect(named.one('aws_cloudfront_distribution')).toMatchObject({
      aliases: ['photos.example.org'],
      viewer_certificate: { minimum_protocol_version: 'TLSv1.2_2021' },
    })
    expect(named.all('aws_route53_record').map(({ type: _, ...record }) => record.name)).toEqual([
      'photos.example.org',
      'photos.example.org',
    ])
    expect(named.one('aws_cognito_user_pool_client').callback_urls).toEqual(['https://photos.example.org/signed-in'])
  })
})

describe('the functions at the edge', () => {
  /** Runs the text as CloudFront would. */
  const run = (code: string, request: object): Arguments => new Function(`${code}; return handler`)()({ request })

  it.each(webPages)('answer %s with the application', (uri) => {
    expect(run(pagesToIndex(), { uri }).uri).toBe('/index.html')
  })

  it('leave files alone', () => {
    expect(run(pagesToIndex(), { uri: '/assets/index-1.js' }).uri).toBe('/assets/index-1.js')
  })

  it('tell the API the host name that people see, whatever the caller claims', () => {
    const headers = { host: { value: 'photos.example.org' }, 'x-forwarded-host': { value: 'evil.example' } }
    expect(run(forwardHost(), { headers }).headers['x-forwarded-host']).toEqual({ value: 'photos.example.org' })
  })
})

describe('the files of the web application', () => {
  const config = dev.one('aws_s3_object', { key: 'config.json' })
  const files = dev.one('aws_s3_object', { key: `\${each.value}` })

  it('are those of the build, found when Terraform plans', () => {
    expect(files.for_each).toContain('dist/web')
    expect(files.source_hash).toContain('filesha256')
  })

  it('are missed aloud where there is no build', () => {
    expect(config.lifecycle.precondition[0].condition).toContain('dist/web/index.html')
    expect(config.lifecycle.precondition[0].error_message).toContain('npm run build')
  })

  it('come with the configuration that the application reads', () => {
    expect(webConfig.safeParse(JSON.parse(config.content.replaceAll(/\$\{[^}]*\}/g, 'x'))).error).toBeUndefined()
  })
})
