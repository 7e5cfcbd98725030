/** Least privilege: what roles may do, and who may take them on. */
import { blocks, refersTo } from '../infrastructure.ts'
import { attachmentTypes, documentOf, identityPolicies, isReadable, resourcePolicies, statementsOf } from '../policy.ts'
import type { Rule } from '../rule.ts'

const iamGuide = 'AWS IAM User Guide, "Security best practices in IAM": apply least-privilege permissions'
const reference = 'AWS Service Authorization Reference'

/** Actions for which AWS knows no resource, so that "*" is all one can write. The reason is beside each. */
const withoutResource = new Map([
  ['xray:PutTraceSegments', 'X-Ray has no resources'],
  ['xray:PutTelemetryRecords', 'X-Ray has no resources'],
  ['ec2:CreateNetworkInterface', 'Lambda checks it before it knows the interface'],
  ['ec2:DeleteNetworkInterface', 'Lambda checks it before it knows the interface'],
  ['ec2:AssignPrivateIpAddresses', 'Lambda checks it before it knows the interface'],
  ['ec2:UnassignPrivateIpAddresses', 'Lambda checks it before it knows the interface'],
  ['ec2:DescribeNetworkInterfaces', 'describing has no resource in EC2'],
  ['ec2:DescribeSubnets', 'describing has no resource in EC2'],
  ['ec2:DescribeSecurityGroups', 'describing has no resource in EC2'],
  ['ec2:DescribeVpcs', 'describing has no resource in EC2'],
  ['cloudwatch:PutMetricData', 'metrics have no resources; the condition cloudwatch:namespace narrows it'],
])

/** AWS's own policies that may be attached, with the reason. */
const managedPolicies = new Map([
  [
    'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    'API Gateway checks for these very permissions when the account’s role is set',
  ],
])

/** What takes the ground from under retention, encryption or the record of what happened. */
const undoing =
  /^(s3:(PutBucket\w+|DeleteBucket\w*|PutLifecycleConfiguration|PutEncryptionConfiguration|BypassGovernanceRetention)|dynamodb:(DeleteTable|UpdateTable|UpdateTimeToLive|UpdateContinuousBackups|RestoreTable\w*)|kms:(ScheduleKeyDeletion|DisableKey|PutKeyPolicy|CreateGrant)|logs:(DeleteLogGroup|PutRetentionPolicy|DeleteRetentionPolicy)|iam:(Put|Attach|Create|Update|Delete)\w+|sts:AssumeRole|lambda:(UpdateFunction\w+|AddPermission))$/

/**
 * Whether a resource is all there is of its kind: what stands behind `arn:<partition>:<service>:<region>:<account>:` is
 * wildcards only, but for the name of the kind.
 */
const isEverything = (resource: string): boolean => {
  const [, , , , , ...name] = resource.replaceAll(/\$\{[^{}]*\}/g, 'x').split(':')
  return (
    /^[*?]+$/.test(resource) || /^arn:[*:]*$/.test(resource) || /^([\w-]+[/:])?[*?]+([/:][*?]+)*$/.test(name.join(':'))
  )
}

export const privilegeRules: readonly Rule[] = [
  {
    id: 'privilege/no-wildcard-action',
    title: 'Actions are named one by one',
    severity: 'high',
    why: 'A wildcard allows what nobody thought of, and what AWS adds next year.',
    source: iamGuide,
    fix: 'Name the actions that the code calls',
    applies: identityPolicies,
    check: ({ args }) =>
      statementsOf(args.policy)
        .filter(({ allows }) => allows)
        .flatMap(({ actions }) => actions.filter((action) => /[*?]/.test(action)).map((action) => `allows ${action}`)),
  },
  {
    id: 'privilege/no-wildcard-resource',
    title: 'Resources are named wherever AWS lets one name them',
    severity: 'high',
    why: 'A "*" reaches everything else in the account.',
    source: `${reference}, "Resource types" of each action`,
    fix: 'Name the resource; where AWS knows none, add the action to "withoutResource" with the reason',
    applies: identityPolicies,
    check: ({ args }) =>
      statementsOf(args.policy)
        .filter(({ allows, resources }) => allows && resources.some(isEverything))
        .flatMap(({ actions }) => actions.filter((action) => !withoutResource.has(action)))
        .map((action) => `allows ${action} on everything`),
  },
  {
    id: 'privilege/policies-can-be-read',
    title: 'Every policy is there to be read',
    severity: 'high',
    why: 'What a policy takes from a file or a function, no review has seen.',
    source: iamGuide,
    fix: 'Write it with policyDocument (stacks/constructs/policy.ts), jsonencode or aws_iam_policy_document',
    applies: [...identityPolicies, 'aws_iam_role', ...resourcePolicies],
    check: ({ type, args }) =>
      [type === 'aws_iam_role' ? args.assume_role_policy : documentOf(args)].map(
        (document) => !isReadable(document) && `has a policy that is no JSON: ${String(document).slice(0, 60)}`,
      ),
  },
  {
    id: 'privilege/says-what-it-means',
    title: 'No statement allows all but something',
    severity: 'high',
    why: 'NotAction and NotResource with Allow give everything that is not listed.',
    source: 'AWS IAM User Guide, "NotAction with Allow"',
    fix: 'List what is allowed',
    applies: identityPolicies,
    check: ({ args }) =>
      statementsOf(args.policy).map(
        ({ allows, inverted }) => allows && inverted && 'allows everything that it does not name',
      ),
  },
  {
    id: 'privilege/pass-role-is-bound',
    title: 'A role is passed to one named service only',
    severity: 'high',
    why: 'Whoever may pass any role to any service has all of its permissions.',
    source: 'AWS IAM User Guide, "Grant a user permissions to pass a role to an AWS service"',
    fix: 'Name the role, and add a condition on iam:PassedToService',
    applies: identityPolicies,
    check: ({ args }) =>
      statementsOf(args.policy)
        .filter(({ allows, actions }) => allows && actions.some((action) => /^(iam:PassRole|iam:\*|\*)$/i.test(action)))
        .map(
          ({ resources, conditions }) =>
            (resources.includes('*') || !conditions.includes('iam:PassedToService')) &&
            'may pass a role without saying which, or to which service',
        ),
  },
  {
    id: 'privilege/nothing-is-undone',
    title: 'No function can undo a protection',
    severity: 'high',
    why: 'Code that can lift retention, encryption or its own limits needs only one mistake.',
    source: iamGuide,
    fix: 'Leave it to the deployment',
    applies: ['aws_iam_role_policy', 'aws_iam_policy'],
    check: ({ args }, all) => {
      // The Databricks control plane takes on roles by design; its own rules look at it.
      const role = all.all('aws_iam_role').find((found) => refersTo(args.role, found))
      const ofAFunction =
        role &&
        statementsOf(role.args.assume_role_policy).some(({ principals }) =>
          principals.includes('Service:lambda.amazonaws.com'),
        )
      if (!ofAFunction) return undefined
      return statementsOf(args.policy)
        .filter(({ allows }) => allows)
        .flatMap(({ actions }) => actions.filter((action) => undoing.test(action)))
        .map((action) => `may ${action}`)
    },
  },
  {
    id: 'privilege/keys-through-their-service',
    title: 'Keys are used through the service that holds the data',
    severity: 'medium',
    why: 'Without kms:ViaService the role can decrypt anything it gets hold of, wherever it lay.',
    source: 'AWS KMS Developer Guide, "kms:ViaService"',
    fix: 'Use EncryptionKey.grantDecrypt or grantEncrypt, which add the condition',
    applies: identityPolicies,
    check: ({ args }) =>
      statementsOf(args.policy)
        .filter(
          ({ allows, actions }) =>
            allows && actions.some((action) => /^kms:(Decrypt|Encrypt|GenerateDataKey|ReEncrypt)/.test(action)),
        )
        .map(({ conditions }) => !conditions.includes('kms:ViaService') && 'uses a key other than through a service'),
  },
  {
    id: 'privilege/trust-is-narrow',
    title: 'Roles are taken on by those who are named',
    severity: 'high',
    why: 'A role that everybody, or a whole other account, may take on belongs to them.',
    source: 'AWS IAM User Guide, "The confused deputy problem"; "Access to AWS accounts owned by third parties"',
    fix: 'Name the principal; add sts:ExternalId for another account and aws:SourceAccount for a service',
    applies: ['aws_iam_role'],
    check: ({ args }) =>
      statementsOf(args.assume_role_policy)
        .filter(({ allows }) => allows)
        .flatMap(({ principals, conditions }) => [
          principals.includes('*') && 'may be taken on by everybody',
          principals.some((name) => /^AWS:(arn:aws[\w-]*:iam::)?\d{12}(:root)?$/.test(name)) &&
            conditions.length === 0 &&
            'may be taken on by anybody in another account',
          principals.some((name) => name.startsWith('Federated:')) &&
            !conditions.some((name) => name.endsWith(':sub')) &&
            'may be taken on by any workflow of the identity provider',
        ]),
  },
  {
    id: 'privilege/no-ready-made-policies',
    title: 'Roles have our own policies, not AWS’s ready-made ones',
    severity: 'medium',
    why: 'AWS’s name "*" nearly everywhere, and AWS changes them.',
    source: iamGuide,
    fix: 'Write the few actions that are needed; where AWS insists, add it to "managedPolicies" with the reason',
    applies: [...attachmentTypes, 'aws_iam_user_policy_attachment', 'aws_iam_group_policy_attachment', 'aws_iam_role'],
    check: ({ args }) =>
      [args.policy_arn, ...blocks(args.policy_arns), ...blocks(args.managed_policy_arns)]
        .filter((arn) => /^arn:[^:]*:iam::aws:/.test(String(arn)) && !managedPolicies.has(String(arn)))
        .map((arn) => `has ${arn}`),
  },
  {
    id: 'privilege/no-standing-keys',
    title: 'No users with keys of their own',
    severity: 'high',
    why: 'A key that does not expire is found one day in a log or a repository.',
    source: 'AWS IAM User Guide, "Require workloads to use temporary credentials with IAM roles"',
    fix: 'Use a role',
    applies: ['aws_iam_user', 'aws_iam_access_key', 'aws_iam_user_login_profile'],
    check: ({ type }) => `makes a standing identity (${type})`,
  },
  {
    id: 'privilege/one-role-a-function',
    title: 'Every function has a role of its own',
    severity: 'medium',
    why: 'Functions that share a role have each other’s permissions.',
    source: 'AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role"',
    fix: 'Use PlatformFunction, which makes one',
    applies: ['aws_iam_role'],
    check: (role, all) => {
      const users = all.all('aws_lambda_function').filter(({ args }) => refersTo(args.role, role))
      return users.length > 1 && `is shared by ${users.map(({ args }) => args.function_name).join(', ')}`
    },
  },
]
