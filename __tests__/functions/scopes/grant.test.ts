import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { grantScopes, scopesOfGroups } from '../../../functions/scopes/grant.ts'
import { type Group, groups, scopes } from '../../../platform.ts'

/** As the Cognito Developer Guide documents version 2 of the event, for a person in these groups. */
const eventFor = (...memberOf: string[]): PreTokenGenerationV2TriggerEvent => ({
  version: '2',
  triggerSource: 'TokenGeneration_HostedAuth',
  region: 'eu-central-1',
  userPoolId: 'eu-central-1_example',
  userName: 'person',
  callerContext: { awsSdkVersion: 'aws-sdk-unknown', clientId: 'client' },
  request: {
    userAttributes: { sub: 'person', email: 'person@example.org' },
    groupConfiguration: { groupsToOverride: memberOf, iamRolesToOverride: [] },
    scopes: ['openid', ...Object.values(scopes)],
  },
  response: { claimsAndScopeOverrideDetails: {} },
})
const accessToken = (event: PreTokenGenerationV2TriggerEvent) =>
  grantScopes(event).response.claimsAndScopeOverrideDetails.accessTokenGeneration

describe('scopes of an access token', () => {
  it.each(Object.keys(groups) as Group[])('are exactly those of the group %s', (group) => {
    expect(accessToken(eventFor(group))?.scopesToAdd?.toSorted()).toEqual([...groups[group]].toSorted())
  })

  it('are taken away where the client asked for more than the groups give', () => {
    expect(accessToken(eventFor('uploaders'))?.scopesToSuppress).toContain(scopes.streamWrite)
    expect(accessToken(eventFor('uploaders'))?.scopesToSuppress).not.toContain(scopes.imagesWrite)
  })

  it('are added up over several groups', () => {
    expect(scopesOfGroups(['uploaders', 'engineers'])).toEqual(
      expect.arrayContaining([...groups.uploaders, ...groups.engineers]),
    )
  })

  it.each([
    ['nobody is in a group', []],
    ['a group is unknown', ['toString', 'admins']],
  ])('are none at all where %s', (_, memberOf) => {
    expect(accessToken(eventFor(...memberOf))).toEqual({
      scopesToAdd: [],
      scopesToSuppress: Object.values(scopes),
    })
  })

  it('leave the rest of the event as Cognito sent it', () => {
    const event = eventFor('analysts')
    const { response: _given, ...rest } = grantScopes(event)
    const { response: _sent, ...sent } = event
    expect(rest).toEqual(sent)
  })
})
