/** A role's permissions on the lake: reading what notebooks read, and nothing else. */

import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
import type { Construct } from 'constructs'
import { analytics } from '../../../platform.ts'
import type { LakeStack } from '../../lake.ts'
import { policyDocument, type Statement } from '../policy.ts'

/** @param more what the role needs beside the lake */
export function letReadTheLake(
  scope: Construct,
  { role, lake, more = [] }: { readonly role: IamRole; readonly lake: LakeStack; readonly more?: readonly Statement[] },
): IamRolePolicy {
  const statements: Statement[] = [...more]
  const grantee = { allow: (...granted: Statement[]) => void statements.push(...granted) }
  lake.bucket.grant(grantee, { read: analytics.prefixes, list: true })
  grantee.allow({ actions: ['s3:GetBucketLocation'], resources: [lake.bucket.arn] })
  return new IamRolePolicy(scope, 'lake-policy', {
    name: 'read-the-lake',
    role: role.name,
    policy: policyDocument(statements),
  })
}
