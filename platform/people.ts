/** Scopes, groups and roles: who may do what. */

/** Scopes are `<resource server>/<name>`, as Cognito writes them. */
export const scopes = {
  imagesRead: 'darkroom/images.read',
  imagesWrite: 'darkroom/images.write',
  streamRead: 'darkroom/stream.read',
  streamWrite: 'darkroom/stream.write',
  retentionRead: 'darkroom/retention.read',
  retentionHold: 'darkroom/retention.hold',
  notebooksRead: 'darkroom/notebooks.read',
} as const
export type Scope = (typeof scopes)[keyof typeof scopes]

/** Who may do what: a person's scopes follow from the groups they are in. */
export const groups = {
  uploaders: [scopes.imagesRead, scopes.imagesWrite],
  engineers: [scopes.streamRead, scopes.streamWrite, scopes.retentionRead, scopes.retentionHold],
  analysts: [scopes.notebooksRead, scopes.retentionRead],
  operators: [scopes.streamRead, scopes.streamWrite, scopes.retentionRead],
  viewers: [scopes.streamRead, scopes.retentionRead],
} as const satisfies Record<string, readonly Scope[]>
export type Group = keyof typeof groups

/** What people may do in the console, each role all that the ones before it may. */
export const consoleRoles = ['viewer', 'operator', 'admin'] as const
export type ConsoleRole = (typeof consoleRoles)[number]

/**
 * Operators keep the stream going: triggers, offsets, quarantine. Engineers also change what the stream is: topics,
 * partitions, settings.
 */
export const consoleRoleOfGroup: Partial<Record<Group, ConsoleRole>> = {
  engineers: 'admin',
  operators: 'operator',
  viewers: 'viewer',
}

/** The token's audience, and the resource server in Cognito. */
export const audience = 'darkroom'
