/** A trigger's desired state on disk: survives restarts, and is written whole or not at all. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type SavedTrigger, savedSchema } from './settings.ts'

/** The state file cannot be read; it is not overwritten, because a disabled trigger must not start by accident. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError'
  readonly retriable = false
}

/**
 * The saved state; a new, enabled trigger with an UUID of its own where there is none yet.
 * @throws StateFileError when the file is damaged
 */
export async function loadState(file: string): Promise<SavedTrigger> {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) {
    const created: SavedTrigger = { uuid: randomUUID(), enabled: true, changes: {} }
    await saveState(file, created)
    return created
  }
  try {
    return savedSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new StateFileError(`${file} is damaged; repair or remove it`, { cause })
  }
}

/** Written beside its place and renamed, so that a crash leaves the old state or the new one. */
export async function saveState(file: string, state: SavedTrigger): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const partial = `${file}.${process.pid}.partial`
  await writeFile(partial, `${JSON.stringify(state, null, 2)}\n`, { flush: true })
  await rename(partial, file)
}
