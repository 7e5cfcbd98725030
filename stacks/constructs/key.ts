/** A customer-managed key that is rotated every year. */
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js'
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js'
import { Construct } from 'constructs'
import type { PlatformStack } from './platform-stack.ts'
import { type Grantee, policyDocument, type Statement } from './policy.ts'

export type EncryptionKeyProps = {
  /** Short name; the alias is `alias/darkroom-<environment>-<name>`. */
  readonly name: string
  readonly purpose: string
  /** AWS services that use the key on behalf of this account, as `<name>.amazonaws.com`. */
  readonly services?: readonly string[]
  /** For principals of other accounts, whose IAM policies alone do not suffice. */
  readonly statements?: readonly Statement[]
}

export class EncryptionKey extends Construct {
  readonly arn: string
  /** `alias/…` */
  readonly alias: string
  readonly #region: string

  constructor(stack: PlatformStack, id: string, props: EncryptionKeyProps) {
    super(stack, id)
    const { name, purpose, services = [], statements = [] } = props
    const key = new KmsKey(this, 'key', {
      description: purpose,
      enableKeyRotation: true,
      // The longest time to notice a mistake where data would be lost with the key.
      deletionWindowInDays: stack.config.protectData ? 30 : 7,
      policy: policyDocument([
        administration(stack.account),
        ...services.map((service) => use(service, stack)),
        ...statements,
      ]),
      lifecycle: { preventDestroy: stack.config.protectData },
    })
    this.alias = new KmsAlias(this, 'alias', { name: `alias/${stack.named(name)}`, targetKeyId: key.keyId }).name
    this.arn = key.arn
    this.#region = stack.config.region
  }

  /** Reading what is encrypted with this key, through one AWS service. */
  grantDecrypt(grantee: Grantee, via: ServiceName): void {
    grantee.allow(this.#through(via, ['kms:Decrypt']))
  }

  /** Writing and reading; S3 decrypts too when it puts the parts of a multipart upload together. */
  grantEncrypt(grantee: Grantee, via: ServiceName): void {
    grantee.allow(this.#through(via, ['kms:GenerateDataKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey']))
  }

  #through(service: ServiceName, actions: readonly string[]): Statement {
    const host = `${service}.${this.#region}.amazonaws.com`
    return { actions, resources: [this.arn], conditions: { StringEquals: { 'kms:ViaService': host } } }
  }
}

/** The services through which functions use our keys; they never ask KMS themselves. */
export type ServiceName = 's3' | 'dynamodb'

/** Without this, IAM policies could not give access to the key. In a key's policy `*` means this key. */
export const administration = (account: string): Statement => ({
  sid: 'AccountAdministersTheKey',
  principals: { AWS: `arn:aws:iam::${account}:root` },
  actions: ['kms:*'],
  resources: ['*'],
})

const use = (service: string, { account, config }: PlatformStack): Statement => {
  const logs = service === 'logs.amazonaws.com'
  return {
    sid: `Use${service.replaceAll(/[^a-z]/g, '')}`,
    // CloudWatch Logs is a principal of its region and names the log group instead of the account.
    principals: { Service: logs ? `logs.${config.region}.amazonaws.com` : service },
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    resources: ['*'],
    conditions: logs
      ? { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${config.region}:${account}:log-group:*` } }
      : { StringEquals: { 'aws:SourceAccount': account } },
  }
}
