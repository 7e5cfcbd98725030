import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ControlError, createTriggersClient, type TriggersClient } from '../../../local/triggers/client.ts'
import { controlApp, serveControl } from '../../../local/triggers/control.ts'
import { applyChanges, type SavedTrigger } from '../../../local/triggers/settings.ts'
import { socketPath } from '../../../local/triggers/socket.ts'
import { loadState, StateFileError, saveState } from '../../../local/triggers/state.ts'
import type { Trigger, TriggerView } from '../../../local/triggers/trigger.ts'

let home: string
let client: TriggersClient
let saved: SavedTrigger
const open: { close(): Promise<void> }[] = []

/** Keeps what it is told; takes two looks until it is disabled. */
function fakeTrigger(): Trigger {
  let looks = 0
  return {
    start() {},
    ready: async () => {},
    stop: async () => {},
    view: async () => {
      looks += 1
      const state = saved.enabled ? 'Enabled' : looks > 2 ? 'Disabled' : 'Disabling'
      return {
        name: 'process',
        state,
        enabled: saved.enabled,
        changed: Object.keys(saved.changes),
      } as unknown as TriggerView
    },
    change: async (changes) => {
      looks = 0
      saved = applyChanges(saved, changes)
    },
  }
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'darkroom-control-'))
  saved = { uuid: crypto.randomUUID(), enabled: true, changes: {} }
  client = createTriggersClient(home)
})
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
  await rm(home, { recursive: true, force: true })
})
const serve = async () => {
  open.push(await serveControl(controlApp(new Map([['process', fakeTrigger()]])), socketPath(home)))
}

describe('the control', () => {
  it('shows and changes a trigger', async () => {
    await serve()
    expect((await client.list()).map(({ name }) => name)).toEqual(['process'])
    expect(await client.change('process', { batchSize: 25 })).toMatchObject({ changed: ['batchSize'] })
    expect(saved.changes).toEqual({ batchSize: 25 })
  })

  it('tells a client when the trigger has really been disabled', async () => {
    await serve()
    expect(await client.change('process', { enabled: false })).toMatchObject({ state: 'Disabling' })
    expect(await client.setEnabled('process', false)).toMatchObject({ state: 'Disabled' })
    expect(await client.setEnabled('process', true)).toMatchObject({ state: 'Enabled' })
  })

  it.each([
    [{ batchSize: 0 }, 'batchSize'],
    [{ maximumRecordAgeSeconds: 5 }, 'maximumRecordAgeSeconds'],
    [{ topic: 'other' }, 'topic'],
  ])('refuses %o, naming what is wrong, and changes nothing', async (change, named) => {
    await serve()
    const refused = client.change('process', change as object)
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'invalid-change', retriable: false })
    await expect(refused).rejects.toThrow(named)
    expect(saved.changes).toEqual({})
  })

  it('refuses what is no JSON, and triggers that there are not', async () => {
    const app = controlApp(new Map([['process', fakeTrigger()]]))
    const answer = await app.request('/triggers/process', { method: 'POST', body: '{' })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect((await app.request('/triggers/other')).status).toBe(404)
    expect((await app.request('/triggers/process', { method: 'DELETE' })).status).toBe(404)
  })

  it('is for this user only', async () => {
    await serve()
    expect((await stat(socketPath(home))).mode & 0o777).toBe(0o600)
  })

  it('takes over the socket of a process that was killed, but not of one that answers', async () => {
    await serve()
    await expect(serve()).rejects.toThrow('Another process')
    await open.pop()?.close()
    await writeFile(socketPath(home), '')
    await serve()
    expect(await client.list()).toHaveLength(1)
  })

  it('has its socket elsewhere when the home is too deep for one', () => {
    expect(Buffer.byteLength(socketPath(`/${'deep/'.repeat(40)}`))).toBeLessThan(104)
    expect(socketPath('/home/someone/.darkroom')).toBe('/home/someone/.darkroom/run/triggers.sock')
  })
})

it('a client says so when nobody answers', async () => {
  const refused = client.list()
  await expect(refused).rejects.toBeInstanceOf(ControlError)
  await expect(refused).rejects.toMatchObject({ status: 503, code: 'triggers-unavailable', retriable: true })
})

describe('the state file', () => {
  const file = () => join(home, 'data', 'triggers', 'process.json')

  it('is made at the first start, with an UUID that stays', async () => {
    const first = await loadState(file())
    expect(first).toMatchObject({ enabled: true, changes: {} })
    expect(await loadState(file())).toEqual(first)
  })

  it('keeps that a trigger is disabled', async () => {
    await saveState(file(), { ...saved, enabled: false, changes: { batchSize: 3 } })
    expect(await loadState(file())).toEqual({ ...saved, enabled: false, changes: { batchSize: 3 } })
  })

  it('that cannot be read is an error, and not taken for a first start', async () => {
    await mkdir(file(), { recursive: true })
    await expect(loadState(file())).rejects.toMatchObject({ code: 'EISDIR', syscall: 'read' })
  })

  it('is not overwritten when it is damaged', async () => {
    await saveState(file(), saved)
    await writeFile(file(), '{"enabled": fal')
    await expect(loadState(file())).rejects.toBeInstanceOf(StateFileError)
    expect(await readFile(file(), 'utf8')).toBe('{"enabled": fal')
  })
})
