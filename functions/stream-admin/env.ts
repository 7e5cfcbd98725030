/**
 * Variables of the engineers' console. `TRIGGER_CONTROL` is `lambda:<name>=<id of the event source mapping>,…` on AWS
 * and `unix:<path of a socket>` where triggers are processes beside this one; `CONSOLE_MODE` is `full` or `read-only`.
 */
import { kafkaVariables, lakeVariables, ledgerVariables, observabilityVariables, runsVariables } from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const streamAdminVariables = [
  'IMAGES_TOPIC',
  'QUARANTINE_TOPIC',
  'TRIGGER_CONTROL',
  'CONSOLE_MODE',
  ...lakeVariables,
  ...kafkaVariables,
  ...ledgerVariables,
  ...runsVariables,
  ...observabilityVariables,
] as const
export type StreamAdminEnvironment = Environment<typeof streamAdminVariables>
export const readStreamAdminEnvironment = (): StreamAdminEnvironment =>
  readEnvironment(streamAdminVariables, process.env)
