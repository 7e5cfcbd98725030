/** Who asks, and what they may do. The gateway has checked the scope; the role within the console is checked here. */
import { type ConsoleRole, consoleRoleOfGroup, consoleRoles, type Group } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { Person } from '../shared/http.ts'

export type ConsoleMode = 'full' | 'read-only'
export type Actor = { readonly id: string; readonly role: ConsoleRole }

/** @throws Error for a variable that is neither */
export function consoleMode(variable: string): ConsoleMode {
  if (variable === 'full' || variable === 'read-only') return variable
  throw new Error(`CONSOLE_MODE is ${variable}: it must be full or read-only`)
}

/** The highest role of a person's groups; undefined where none of them has one. */
export function roleOf(groups: readonly string[]): ConsoleRole | undefined {
  const ranks = groups.map((group) => consoleRoles.indexOf(consoleRoleOfGroup[group as Group] as ConsoleRole))
  return consoleRoles[Math.max(-1, ...ranks)]
}

/** @throws RequestError 403 where the person's role is below `least`, or the console is read-only */
export function requireRole(person: Person, least: ConsoleRole, mode: ConsoleMode): Actor {
  const role = roleOf(person.groups)
  if (!role || consoleRoles.indexOf(role) < consoleRoles.indexOf(least)) {
    throw new RequestError(403, 'role-missing', `This takes the role ${least}; yours is ${role ?? 'none'}`, {
      hint: `People in the group ${groupOf(least)} have it.`,
    })
  }
  if (least !== 'viewer' && mode === 'read-only') {
    throw new RequestError(403, 'console-read-only', 'The console is configured to be read-only', {
      hint: 'Whoever deploys the platform decides that (DARKROOM_CONSOLE).',
    })
  }
  return { id: person.id, role }
}

const groupOf = (role: ConsoleRole): string =>
  Object.entries(consoleRoleOfGroup).find(([, of]) => of === role)?.[0] ?? role
