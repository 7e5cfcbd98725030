/** The stand-in for AWS answers for every service whose address the provider is given. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localConfig } from '../../../config.ts'
import { type StandIn, startStandIn } from '../../../review/stand-in/server.ts'
import { createReport } from '../../../scripts/bootstrap/progress.mjs'
import type { services } from '../../../stacks/constructs/platform-stack.ts'

type Call = {
  readonly path?: string
  readonly target?: string
  readonly form?: string
  readonly signedFor?: string
  readonly xml?: boolean
}

/** Something of each service that changes nothing. */
const calls: Record<(typeof services)[number], Call> = {
  apigateway: { path: '/restapis' },
  budgets: { target: 'AWSBudgetServiceGateway.DescribeBudgets' },
  cloudfront: { path: '/2020-05-31/distribution', xml: true },
  cloudwatch: { form: 'Action=DescribeAlarms&Version=2010-08-01', signedFor: 'monitoring' },
  cloudwatchlogs: { target: 'Logs_20140328.DescribeLogGroups', signedFor: 'logs' },
  cognitoidp: { target: 'AWSCognitoIdentityProviderService.ListUserPools', signedFor: 'cognito-idp' },
  dynamodb: { target: 'DynamoDB_20120810.ListTables' },
  ec2: { form: 'Action=DescribeAvailabilityZones&Version=2016-11-15' },
  events: { target: 'AWSEvents.ListRules' },
  iam: { form: 'Action=ListRoles&Version=2010-05-08' },
  kafka: { path: '/v1/clusters' },
  kms: { target: 'TrentService.ListKeys' },
  lambda: { path: '/2015-03-31/functions/' },
  route53: { path: '/2013-04-01/hostedzone', xml: true },
  s3: { path: '/' },
  sns: { form: 'Action=ListTopics&Version=2010-03-31' },
  sts: { form: 'Action=GetCallerIdentity&Version=2011-06-15' },
  wafv2: { target: 'AWSWAF_20190729.ListWebACLs' },
}

const call = (url: string, service: string, { path, target, form, signedFor, xml }: Call) =>
  fetch(url + (path ?? '/'), {
    method: path ? 'GET' : 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=made-up/20261123/us-east-1/${signedFor ?? service}/aws4_request, SignedHeaders=host, Signature=0`,
      'content-type': form
        ? 'application/x-www-form-urlencoded'
        : `application/${path ? (xml ? 'xml' : 'json') : 'x-amz-json-1.1'}`,
      ...(target && { 'x-amz-target': target }),
    },
    ...(!path && { body: form ?? JSON.stringify({ AccountId: '123456789012', Scope: 'REGIONAL', MaxResults: 10 }) }),
  })

describe('the stand-in for AWS', () => {
  let standIn: StandIn | Error
  beforeAll(
    async () => {
      standIn = await startStandIn(localConfig(), createReport()).catch((error: Error) => error)
    },
    // Downloads moto once for each machine.
    10 * 60_000,
  )
  afterAll(() => (standIn instanceof Error ? undefined : standIn?.stop()), 60_000)

  it.for(Object.entries(calls))('answers for %s', async ([service, asked], { skip }) => {
    if (standIn instanceof Error) return skip(`moto cannot be had: ${standIn.message}`)
    const answer = await call(standIn.url, service, asked)
    expect(answer.status, await answer.text()).toBe(200)
  })

  it('is of the account and the zones that plans ask for', async ({ skip }) => {
    if (standIn instanceof Error) return skip(`moto cannot be had: ${standIn.message}`)
    expect(await (await call(standIn.url, 'sts', calls.sts)).text()).toContain('<Account>123456789012</Account>')
    const zones = await (await call(standIn.url, 'ec2', calls.ec2)).text()
    expect(zones.match(/<zoneName>/g)?.length).toBeGreaterThanOrEqual(3)
  })
})
