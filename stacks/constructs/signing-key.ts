/** An Ed25519 key in KMS that signs and never leaves it. KMS rotates no asymmetric keys. */
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js'
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js'
import { Construct } from 'constructs'
import { administration } from './key.ts'
import type { PlatformStack } from './platform-stack.ts'
import { type Grantee, policyDocument } from './policy.ts'

export class SigningKey extends Construct {
  readonly arn: string

  constructor(stack: PlatformStack, id: string, props: { readonly name: string; readonly purpose: string }) {
    super(stack, id)
    const key = new KmsKey(this, 'key', {
      description: props.purpose,
      customerMasterKeySpec: 'ECC_NIST_EDWARDS25519',
      keyUsage: 'SIGN_VERIFY',
      deletionWindowInDays: stack.config.protectData ? 30 : 7,
      policy: policyDocument([administration(stack.account)]),
      lifecycle: { preventDestroy: stack.config.protectData },
    })
    new KmsAlias(this, 'alias', { name: `alias/${stack.named(props.name)}`, targetKeyId: key.keyId })
    this.arn = key.arn
  }

  /** @returns the variable by which a function finds the key */
  grantSign(grantee: Grantee): { RECEIPT_KEY: string } {
    grantee.allow({ actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [this.arn] })
    return { RECEIPT_KEY: this.arn }
  }
}
