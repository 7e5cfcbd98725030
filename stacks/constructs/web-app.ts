/**
 * The web application: files in a private bucket, CloudFront before them and before the API, so that the browser knows
 * one origin, as on one machine, and the content security policy needs no exceptions.
 */
import {
  CloudfrontDistribution,
  type CloudfrontDistributionOrderedCacheBehavior,
} from '@cdktf/provider-aws/lib/cloudfront-distribution/index.js'
import { CloudfrontFunction } from '@cdktf/provider-aws/lib/cloudfront-function/index.js'
import { CloudfrontOriginAccessControl } from '@cdktf/provider-aws/lib/cloudfront-origin-access-control/index.js'
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js'
import { Construct } from 'constructs'
import type { OpenApiDocument } from '../../contract/openapi.ts'
import type { CloudConfig } from '../../environments.ts'
import type { ApiStage } from './api-stage.ts'
import { apiPatterns, forwardHost, pagesToIndex } from './edge.ts'
import { webLifecycle } from './lifecycles.ts'
import type { PlatformStack } from './platform-stack.ts'
import { PrivateBucket } from './private-bucket.ts'
import { SecurityHeaders } from './security-headers.ts'

export type WebAppProps = {
  readonly stage: ApiStage
  readonly document: OpenApiDocument
  readonly accessLog: PrivateBucket
  /** Origins beside its own that the application speaks to, each a list separated by spaces. */
  readonly origins: { readonly identity: string; readonly lake: string }
}

/** Policies that AWS manages, by their published ids, which are the same in every account. */
const managed = {
  cachingOptimized: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  allViewerExceptHostHeader: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
} as const

export class WebApp extends Construct {
  /** `https://…`, without a closing slash. */
  readonly origin: string
  readonly bucket: PrivateBucket

  constructor(stack: PlatformStack, id: string, { stage, document, accessLog, origins }: WebAppProps) {
    super(stack, id)
    const { domain } = stack.config
    this.bucket = new PrivateBucket(stack, 'web-bucket', {
      name: 'web',
      versioned: false,
      accessLog,
      lifecycle: webLifecycle,
    })
    const access = new CloudfrontOriginAccessControl(this, 'access', {
      name: stack.named('web'),
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
    })
    const edgeFunction = (name: string, code: string) =>
      new CloudfrontFunction(this, name, { name: stack.named(name), runtime: 'cloudfront-js-2.0', code, publish: true })
    const atEdge = (functionArn: string) => [{ eventType: 'viewer-request', functionArn }]
    const hosts = edgeFunction('forward-host', forwardHost())

    const distribution = new CloudfrontDistribution(this, 'distribution', {
      enabled: true,
      comment: stack.named('web'),
      httpVersion: 'http2and3',
      isIpv6Enabled: true,
      priceClass: 'PriceClass_100',
      defaultRootObject: 'index.html',
      origin: [
        { originId: 'files', domainName: this.bucket.domainName, originAccessControlId: access.id },
        {
          originId: 'api',
          domainName: stage.domainName,
          originPath: `/${stage.stageName}`,
          customOriginConfig: {
            httpPort: 80,
            httpsPort: 443,
            originProtocolPolicy: 'https-only',
            originSslProtocols: ['TLSv1.2'],
            // Longer than the functions, which the gateway ends after 29 s.
            originReadTimeout: 30,
          },
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: 'files',
        viewerProtocolPolicy: 'redirect-to-https',
        allowedMethods: ['GET', 'HEAD'],
        cachedMethods: ['GET', 'HEAD'],
        compress: true,
        cachePolicyId: managed.cachingOptimized,
        responseHeadersPolicyId: new SecurityHeaders(stack, 'security-headers', origins).id,
        functionAssociation: atEdge(edgeFunction('pages', pagesToIndex()).arn),
      },
      orderedCacheBehavior: apiPatterns(document).map((pattern) => apiBehaviour(pattern, atEdge(hosts.arn))),
      restrictions: { geoRestriction: { restrictionType: 'none' } },
      viewerCertificate: certificate(domain),
      ...(domain && { aliases: [domain.name] }),
    })
    this.origin = `https://${domain?.name ?? distribution.domainName}`
    this.bucket.addToPolicy({
      sid: 'CloudfrontReads',
      principals: { Service: 'cloudfront.amazonaws.com' },
      actions: ['s3:GetObject'],
      resources: [`${this.bucket.arn}/*`],
      conditions: { StringEquals: { 'aws:SourceArn': distribution.arn } },
    })
    this.#name(domain, distribution)
  }

  /** Points the application's own name to CloudFront, where we are told the zone. */
  #name(domain: CloudConfig['domain'], distribution: CloudfrontDistribution): void {
    if (!domain?.zoneId) return
    for (const type of ['A', 'AAAA']) {
      new Route53Record(this, `name-${type}`, {
        zoneId: domain.zoneId,
        name: domain.name,
        type,
        alias: {
          name: distribution.domainName,
          zoneId: distribution.hostedZoneId,
          evaluateTargetHealth: false,
        },
      })
    }
  }
}

/** Answers of the API are one person's: nothing is cached on the way, and everything is passed on. */
const apiBehaviour = (
  pathPattern: string,
  functionAssociation: CloudfrontDistributionOrderedCacheBehavior['functionAssociation'],
): CloudfrontDistributionOrderedCacheBehavior => ({
  pathPattern,
  targetOriginId: 'api',
  viewerProtocolPolicy: 'https-only',
  allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
  cachedMethods: ['GET', 'HEAD'],
  compress: true,
  cachePolicyId: managed.cachingDisabled,
  originRequestPolicyId: managed.allViewerExceptHostHeader,
  functionAssociation,
})

const certificate = (domain: CloudConfig['domain']) =>
  domain
    ? { acmCertificateArn: domain.certificateArn, sslSupportMethod: 'sni-only', minimumProtocolVersion: 'TLSv1.2_2021' }
    : { cloudfrontDefaultCertificate: true }
