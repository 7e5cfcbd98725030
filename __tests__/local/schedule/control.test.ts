import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LocalConfig, localConfig } from '../../../config.ts'
import type { InvokeResult } from '../../../local/lambda/host.ts'
import { failure } from '../../../local/lambda/result.ts'
import { invokeScheduled, PlatformNotRunningError, ScheduledInvocationError } from '../../../local/schedule/client.ts'
import { controlApp } from '../../../local/schedule/control.ts'
import { scheduledEvent } from '../../../local/schedule/event.ts'
import { serveControl } from '../../../local/triggers/control.ts'
import { controlSocket } from '../../../local/triggers/socket.ts'

let config: LocalConfig
let control: { close(): Promise<void> } | undefined
let invoked: { name: string; time: number }[]
let fakeResult: InvokeResult

async function listen() {
  const app = controlApp(async (name, time) => {
    invoked.push({ name, time })
    return fakeResult
  })
  control = await serveControl(app, controlSocket(config.home, 'schedule'))
}

beforeEach(() => {
  config = localConfig({ DARKROOM_HOME: mkdtempSync(join(tmpdir(), 'darkroom-schedule-')) })
  invoked = []
  fakeResult = { ok: true, payload: { images: 3, complete: true } }
})
afterEach(async () => {
  await control?.close()
  control = undefined
  rmSync(config.home, { recursive: true })
})

describe('calling a scheduled function by hand', () => {
  it('passes the moment on and returns what the function returned', async () => {
    await listen()
    expect(await invokeScheduled(config, 'purge', '2026-12-01T01:00:00+01:00')).toEqual({ images: 3, complete: true })
    expect(invoked).toEqual([{ name: 'purge', time: Date.parse('2026-12-01T00:00:00Z') }])
  })

  it('says that the platform is not running', async () => {
    await expect(invokeScheduled(config, 'purge', '2026-12-01T00:00:00Z')).rejects.toThrow(PlatformNotRunningError)
    await expect(invokeScheduled(config, 'purge', '2026-12-01T00:00:00Z')).rejects.toThrow('npm start')
  })

  it("passes the function's failure on", async () => {
    await listen()
    fakeResult = failure('Unhandled', 'UnavailableError', 'The ledger did not answer')
    const call = invokeScheduled(config, 'purge', '2026-12-01T00:00:00Z')
    await expect(call).rejects.toThrow(ScheduledInvocationError)
    await expect(call).rejects.toThrow('The ledger did not answer')
  })

  it.each(['yesterday', '2026-12-01', '2026-12-01T00:00:00', '1764547200000'])(
    'refuses %j as a time, and calls nothing',
    async (time) => {
      await listen()
      await expect(invokeScheduled(config, 'purge', time)).rejects.toMatchObject({ code: 'invalid-time' })
      expect(invoked).toEqual([])
    },
  )

  it('refuses functions that have no schedule', async () => {
    await listen()
    const call = invokeScheduled(config, 'upload' as never, '2026-12-01T00:00:00Z')
    await expect(call).rejects.toMatchObject({ code: 'unknown-function' })
    expect(invoked).toEqual([])
  })
})

describe('the scheduled event', () => {
  it("has EventBridge's form", () => {
    expect(scheduledEvent(Date.parse('2026-12-01T00:00:00.789Z'), 'us-east-1', 'darkroom-local-purge')).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2026-12-01T00:00:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/darkroom-local-purge'],
      detail: {},
    })
  })
})
