/**
 * The one definition of the platform: topics, tables and indexes, layout of the lake, limits, schedules, retention,
 * groups and functions. `stacks/` turns it into Terraform and `local/` into processes, so neither names these things a
 * second time. Everybody imports this file; what it gathers from `platform/` imports nothing from elsewhere.
 */
export * from './platform/console.ts'
export * from './platform/functions.ts'
export * from './platform/limits.ts'
export * from './platform/people.ts'
export * from './platform/personal.ts'
export * from './platform/retention.ts'
export * from './platform/stores.ts'
export * from './platform/stream.ts'

/** A name as AWS sees it: `darkroom-<environment>-<name>`. */
export const resourceName = (environment: string, name: string) => `darkroom-${environment}-${name}`
