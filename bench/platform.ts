/** A platform for measurements: with only the parts asked for. */
import { type LocalConfig, localConfig } from '../config.ts'
import { freePorts, startOwnPlatform, temporaryHome, tokenFor } from '../local/own-platform.ts'
import { ensureTools } from '../local/setup/tools.ts'
import type { ServiceName } from '../local/supervisor/service.ts'
import { createReport } from '../scripts/bootstrap/progress.mjs'

export type BenchPlatform = {
  readonly config: LocalConfig
  /** Of an uploader; empty where the platform has no identity service. */
  readonly token: string
  readonly stop: () => Promise<void>
}

/** @throws Error with what it said when it ends before it is ready */
export async function startPlatform(only: readonly ServiceName[]): Promise<BenchPlatform> {
  // On a fresh machine this takes minutes: here it shows how far it is, in the platform's log it would not.
  await ensureTools(localConfig(), createReport())
  const variables = { ...(await freePorts()), DARKROOM_HOME: await temporaryHome('bench') }
  const { config, stop } = await startOwnPlatform(variables, { arguments: ['--only', only.join(',')] })
  const token = only.includes('identity') ? await tokenFor(variables, 'uploaders') : ''
  return { config, token, stop: () => stop({ keep: false }) }
}
