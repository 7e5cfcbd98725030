/** Scopes follow from groups: what an access token says is what `platform.ts` gives the person's groups. Pure. */
import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda'
import { type Group, groups, type Scope, scopes } from '../../platform.ts'

const isGroup = (name: string): name is Group => Object.hasOwn(groups, name)

/** Scopes of all of a person's groups; groups that the platform does not know give none. */
export function scopesOfGroups(names: readonly string[]): Scope[] {
  const granted = new Set(names.filter(isGroup).flatMap((name): readonly Scope[] => groups[name]))
  return Object.values(scopes).filter((scope) => granted.has(scope))
}

/**
 * Cognito's event with the scopes to add and to take away: the client may ask for any, and a person gets their own.
 * A suppressed scope wins over one that the client asked for.
 */
export function grantScopes<Event extends Pick<PreTokenGenerationV2TriggerEvent, 'request' | 'response'>>(
  event: Event,
): Event {
  const granted = scopesOfGroups(event.request.groupConfiguration.groupsToOverride ?? [])
  return {
    ...event,
    response: {
      claimsAndScopeOverrideDetails: {
        accessTokenGeneration: {
          scopesToAdd: granted,
          scopesToSuppress: Object.values(scopes).filter((scope) => !granted.includes(scope)),
        },
      },
    },
  }
}
