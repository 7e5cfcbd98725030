/**
 * The web application firewall before the API: AWS's managed rules, which must not take a photograph for an attack,
 * and rates. The stage's throttle stands behind it.
 */
import { Wafv2WebAcl, type Wafv2WebAclRule } from '@cdktf/provider-aws/lib/wafv2-web-acl/index.js'
import { Wafv2WebAclAssociation } from '@cdktf/provider-aws/lib/wafv2-web-acl-association/index.js'
import { Construct } from 'constructs'
import type { OpenApiDocument } from '../../contract/openapi.ts'
import { imageTypes, limits, sharing } from '../../platform.ts'
import type { ApiStage } from './api-stage.ts'
import type { PlatformStack } from './platform-stack.ts'

export type FirewallProps = { readonly stage: ApiStage; readonly document: OpenApiDocument }

/** Seconds over which AWS WAF counts requests. */
const window = 300

/**
 * Rules of the common rule set that look into bodies: they block more than 8 KB, and read pixels and XMP for script.
 * They only label what they find; a rule after them blocks what is labelled and is no image upload.
 */
const bodyRules = [
  'SizeRestrictions_BODY',
  'CrossSiteScripting_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'EC2MetaDataSSRF_BODY',
]
const labelOf = (rule: string) => `awswaf:managed:aws:core-rule-set:${rule.replace('_BODY', '_Body')}`

export class Firewall extends Construct {
  readonly arn: string

  constructor(stack: PlatformStack, id: string, { stage, document }: FirewallProps) {
    super(stack, id)
    const acl = new Wafv2WebAcl(this, 'acl', {
      name: stack.named('api'),
      description: 'Before the API',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      rule: [
        rate(1, 'rate-per-person', { aggregate_key_type: 'CUSTOM_KEYS', custom_key: [byToken] }),
        rate(2, 'rate-per-address', { aggregate_key_type: 'FORWARDED_IP', forwarded_ip_config: byForwardedAddress }),
        rate(
          3,
          'rate-of-shared-links',
          {
            aggregate_key_type: 'FORWARDED_IP',
            forwarded_ip_config: byForwardedAddress,
            scope_down_statement: isPublic,
          },
          sharing.requestRate,
        ),
        managed(4, 'AWSManagedRulesAmazonIpReputationList'),
        managed(5, 'AWSManagedRulesKnownBadInputsRuleSet'),
        managed(6, 'AWSManagedRulesCommonRuleSet', bodyRules),
        ...bodyRules.map((rule, n) => blockOutsideUploads(7 + n, rule, document)),
      ],
      // No sampled requests: they would show tokens and addresses for three hours.
      visibilityConfig: visibility(stack.named('api')),
    })
    this.arn = acl.arn
    new Wafv2WebAclAssociation(this, 'association', { resourceArn: stage.arn, webAclArn: acl.arn })
  }
}

// Below `statement` cdktf has no types: names are Terraform's own.
type TerraformStatement = Record<string, unknown>

const noTransformation = [{ priority: 0, type: 'NONE' }]
/** A person is their token; whoever changes it is turned away by the authorizer. */
const byToken = { header: { name: 'authorization', text_transformation: noTransformation } }
/** Behind CloudFront every request comes from CloudFront; the first address of the header is the person's. */
const byForwardedAddress = { header_name: 'X-Forwarded-For', fallback_behavior: 'NO_MATCH' }

function rate(
  priority: number,
  name: string,
  keys: TerraformStatement,
  perSecond: number = limits.requestRate,
): Wafv2WebAclRule {
  return {
    name,
    priority,
    action: { block: { customResponse: { responseCode: 429 } } },
    statement: {
      rate_based_statement: { limit: perSecond * window, evaluation_window_sec: window, ...keys },
    },
    visibilityConfig: visibility(name),
  }
}

function managed(priority: number, name: string, counted: readonly string[] = []): Wafv2WebAclRule {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managed_rule_group_statement: {
        vendor_name: 'AWS',
        name,
        rule_action_override: counted.map((rule) => ({ name: rule, action_to_use: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  }
}

function blockOutsideUploads(priority: number, rule: string, document: OpenApiDocument): Wafv2WebAclRule {
  const uploads = imageUploads(document).map(isUpload)
  const labelled = { label_match_statement: { scope: 'LABEL', key: labelOf(rule) } }
  const noUpload = {
    not_statement: { statement: uploads.length === 1 ? uploads[0] : { or_statement: { statement: uploads } } },
  }
  return {
    name: `${rule}-outside-uploads`,
    priority,
    action: { block: {} },
    statement: { and_statement: { statement: [labelled, noUpload] } },
    visibilityConfig: visibility(`${rule}-outside-uploads`),
  }
}

/** Operations that take an image as their body. */
export const imageUploads = ({ paths }: OpenApiDocument): { method: string; path: string }[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { requestBody }]) => Object.keys(imageTypes).some((type) => requestBody?.content[type]))
      .map(([method]) => ({ method: method.toUpperCase(), path })),
  )

/** WAF sees the path with the stage before it. */
const isUpload = ({ method, path }: { method: string; path: string }): TerraformStatement => ({
  and_statement: {
    statement: [matches('EXACTLY', method, { method: {} }), matches('ENDS_WITH', path, { uri_path: {} })],
  },
})

const matches = (constraint: string, text: string, field: TerraformStatement): TerraformStatement => ({
  byte_match_statement: {
    positional_constraint: constraint,
    search_string: text,
    field_to_match: field,
    text_transformation: noTransformation,
  },
})

/** Links for people without an account; WAF sees the path with the stage before it. */
const isPublic = matches('CONTAINS', '/shared/', { uri_path: {} })

const visibility = (name: string) => ({
  cloudwatchMetricsEnabled: true,
  metricName: name,
  sampledRequestsEnabled: false,
})
