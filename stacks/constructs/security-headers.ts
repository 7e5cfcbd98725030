/** Headers of the web application's pages. */
import { CloudfrontResponseHeadersPolicy } from '@cdktf/provider-aws/lib/cloudfront-response-headers-policy/index.js'
import { Construct } from 'constructs'
import { contentSecurityPolicy } from '../../contract/web.ts'
import type { PlatformStack } from './platform-stack.ts'

/** Two years, as browsers' preload lists ask. */
const strictTransportSeconds = 63_072_000

export class SecurityHeaders extends Construct {
  readonly id: string

  constructor(stack: PlatformStack, id: string, origins: Parameters<typeof contentSecurityPolicy>[0]) {
    super(stack, id)
    this.id = new CloudfrontResponseHeadersPolicy(this, 'policy', {
      name: stack.named('web'),
      securityHeadersConfig: {
        contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy(origins), override: true },
        strictTransportSecurity: {
          accessControlMaxAgeSec: strictTransportSeconds,
          includeSubdomains: true,
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY', override: true },
        referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
      },
      customHeadersConfig: {
        items: [
          // Photographs may be taken with the camera; nothing else of the device is asked for.
          { header: 'Permissions-Policy', value: 'camera=(self), geolocation=(), microphone=()', override: true },
          { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
        ],
      },
    }).id
  }
}
