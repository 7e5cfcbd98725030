/** A bucket in Unity Catalog: the role that Databricks takes on, the credential, and the location. For this workspace only. */
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { DataDatabricksAwsUnityCatalogAssumeRolePolicy } from '@cdktf/provider-databricks/lib/data-databricks-aws-unity-catalog-assume-role-policy/index.js'
import { ExternalLocation } from '@cdktf/provider-databricks/lib/external-location/index.js'
import { StorageCredential } from '@cdktf/provider-databricks/lib/storage-credential/index.js'
import type { ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import type { PlatformStack } from '../platform-stack.ts'
import type { Statement } from '../policy.ts'

export type UnityStorageProps = {
  /** Short name of role, credential and location. */
  readonly name: string
  readonly purpose: string
  readonly bucket: string
  readonly readOnly: boolean
  /** Gives the role its permissions; `more` goes with them. */
  readonly permissions: (scope: Construct, role: IamRole, more: readonly Statement[]) => ITerraformDependable
  /** Something that takes minutes: IAM has to know the role everywhere before Databricks tries it out. */
  readonly after: ITerraformDependable
}

export class UnityStorage extends Construct {
  readonly url: string
  /** What uses the storage has to wait for it. */
  readonly location: ExternalLocation

  constructor(stack: PlatformStack, id: string, props: UnityStorageProps) {
    super(stack, id)
    const name = stack.named(props.name)
    const roleArn = `arn:aws:iam::${stack.account}:role/${name}`
    const common = { name, comment: props.purpose, readOnly: props.readOnly, isolationMode: 'ISOLATION_MODE_ISOLATED' }
    // Before the role, because its id goes into whom the role trusts; so it cannot be tried out yet.
    const credential = new StorageCredential(this, 'credential', {
      ...common,
      awsIamRole: { roleArn },
      skipValidation: true,
    })
    const role = new IamRole(this, 'role', {
      name,
      description: props.purpose,
      assumeRolePolicy: new DataDatabricksAwsUnityCatalogAssumeRolePolicy(this, 'trust', {
        awsAccountId: stack.account,
        roleName: name,
        externalId: credential.awsIamRole.externalId,
      }).json,
    })
    // Unity Catalog wants roles that may take on themselves.
    const itself: Statement = { sid: 'TakeOnItself', actions: ['sts:AssumeRole'], resources: [roleArn] }
    const policy = props.permissions(this, role, [itself])
    this.url = `s3://${props.bucket}/`
    this.location = new ExternalLocation(this, 'location', {
      ...common,
      url: this.url,
      credentialName: credential.id,
      // Neither queues of file events nor a way around the credential.
      enableFileEvents: false,
      fallback: false,
      dependsOn: [policy, props.after],
    })
  }
}
