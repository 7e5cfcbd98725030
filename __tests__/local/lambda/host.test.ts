import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { localConfig } from '../../../config.ts'
import { createFunctionHost, type FunctionHost, type HostOptions } from '../../../local/lambda/host.ts'

// Each test starts processes, and the machine may be busy with other tests.
vi.setConfig({ testTimeout: 30_000 })

const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name)
const homes: string[] = []
const hosts: FunctionHost[] = []

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'darkroom-host-'))
  homes.push(home)
  return home
}

function hostOf(options: Partial<HostOptions> = {}): FunctionHost {
  const config = localConfig({ DARKROOM_HOME: newHome() })
  const host = createFunctionHost('upload', {
    config,
    bundle: fixture('handler.ts'),
    environment: { LEDGER_TABLE: 'a-table' },
    concurrency: 1,
    ...options,
  })
  hosts.push(host)
  return host
}

const payloadOf = async (host: FunctionHost, event: Record<string, unknown>) => {
  const result = await host.invoke(event)
  if (!result.ok) throw new Error(`${result.kind}: ${result.error.errorMessage}`)
  return result.payload as never
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop(0)))
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
})

describe('the function host', () => {
  it('returns what the handler returns', async () => {
    const host = hostOf()
    expect(await payloadOf(host, { action: 'echo', deep: { list: [1, 'two', null] } })).toEqual({
      action: 'echo',
      deep: { list: [1, 'two', null] },
    })
    expect(await payloadOf(host, { action: 'nothing' })).toBeNull()
  })

  it('gives the handler the context that Lambda gives', async () => {
    const host = hostOf({ timeoutSeconds: 9 })
    const result = await host.invoke({ action: 'context' }, { requestId: 'request-1' })
    expect(result).toMatchObject({
      ok: true,
      payload: {
        awsRequestId: 'request-1',
        functionName: 'darkroom-local-upload',
        memoryLimitInMB: '1024',
        callbackWaitsForEmptyEventLoop: true,
      },
    })
    const { remaining } = (result.ok ? result.payload : {}) as { remaining: number }
    expect(remaining).toBeGreaterThan(8_000)
    expect(remaining).toBeLessThanOrEqual(9_000)
  })

  it('shows a function its declared environment and that of the runtime, and nothing of the shell', async () => {
    vi.stubEnv('A_SECRET_OF_THE_SHELL', 'yes')
    const environment = (await payloadOf(hostOf(), { action: 'environment' })) as Record<string, string>
    vi.unstubAllEnvs()
    expect(environment.LEDGER_TABLE).toBe('a-table')
    expect(environment.AWS_LAMBDA_FUNCTION_NAME).toBe('darkroom-local-upload')
    expect(environment.TMPDIR, 'temporary files are where the canary looks').toMatch(/\/run$/)
    expect(environment._X_AMZN_TRACE_ID).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/)
    const foreign = Object.keys(environment).filter((name) => !/^(AWS_|_HANDLER|_X_AMZN|POWERTOOLS_)/.test(name))
    expect(foreign.sort()).toEqual(['LANG', 'LEDGER_TABLE', 'MALLOC_ARENA_MAX', 'TMPDIR', 'TZ'])
  })

  it('keeps a large body intact, byte for byte', async () => {
    const binaryBody = randomBytes(4 * 1024 * 1024 + 1)
    const parts = [binaryBody.subarray(0, 1_000_001), binaryBody.subarray(1_000_001)]
    const event = { action: 'echo', body: null, isBase64Encoded: false }
    const result = await hostOf().invoke(event, { binaryBody: parts })
    const { body, isBase64Encoded } = (result.ok ? result.payload : {}) as { body: string; isBase64Encoded: boolean }
    expect(isBase64Encoded).toBe(true)
    expect(Buffer.from(body, 'base64').equals(binaryBody)).toBe(true)
  })

  it('keeps characters beyond ASCII intact in both directions', async () => {
    expect(await payloadOf(hostOf(), { action: 'echo', text: 'Grüße 📷 \u0000 \u2028' })).toMatchObject({
      text: 'Grüße 📷 \u0000 \u2028',
    })
  })

  it('gives a process one event at a time, and uses as many processes as the concurrency allows', async () => {
    const host = hostOf({ concurrency: 2 })
    const results = await Promise.all(
      Array.from({ length: 6 }, () => payloadOf(host, { action: 'sleep', milliseconds: 60 })),
    )
    expect(new Set(results.map(({ pid }) => pid)).size).toBe(2)
    expect(results.map(({ mostRunning }) => mostRunning)).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('reports what the handler throws as Lambda does, and keeps the process', async () => {
    const host = hostOf()
    const before = await payloadOf(host, { action: 'pid' })
    const result = await host.invoke({ action: 'throw' })
    expect(result).toMatchObject({
      ok: false,
      kind: 'Unhandled',
      error: { errorType: 'RangeError', errorMessage: 'out of range' },
    })
    expect(await payloadOf(host, { action: 'pid' })).toBe(before)
  })

  it('kills a function that takes too long, even in a busy loop, and replaces its process', async () => {
    const host = hostOf()
    const before = (await payloadOf(host, { action: 'pid' })) as number
    const result = await host.invoke({ action: 'spin' }, { timeout: 0.2 })
    expect(result).toMatchObject({ ok: false, kind: 'Timeout', error: { errorType: 'Sandbox.Timedout' } })
    expect(!result.ok && result.error.errorMessage).toMatch(/Task timed out after 0\.20 seconds$/)
    expect(isAlive(before)).toBe(false)
    expect(await payloadOf(host, { action: 'pid' })).not.toBe(before)
  })

  it('fails only the invocation during which the process ended', async () => {
    const host = hostOf()
    const [crashed, next] = await Promise.all([host.invoke({ action: 'exit' }), host.invoke({ action: 'echo', n: 2 })])
    expect(crashed).toMatchObject({
      ok: false,
      kind: 'Crash',
      error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 7') },
    })
    expect(next).toEqual({ ok: true, payload: { action: 'echo', n: 2 } })
  })

  it('fails the invocation when its process is killed from outside', async () => {
    const host = hostOf()
    const pid = (await payloadOf(host, { action: 'pid' })) as number
    const pending = host.invoke({ action: 'sleep', milliseconds: 10_000 })
    process.kill(pid, 'SIGKILL')
    expect(await pending).toMatchObject({ ok: false, kind: 'Crash' })
  })

  it('treats an unhandled rejection as a crash with its reason', async () => {
    expect(await hostOf().invoke({ action: 'unhandled' })).toMatchObject({
      ok: false,
      kind: 'Crash',
      error: { errorMessage: 'nobody listens' },
    })
  })

  it('says why a bundle cannot be loaded', async () => {
    const host = hostOf({ bundle: fixture('broken.ts') })
    expect(await host.warm).toBe(false)
    expect(await host.invoke({ action: 'echo' })).toMatchObject({
      ok: false,
      kind: 'Crash',
      error: { errorType: 'Runtime.InitError', errorMessage: expect.stringContaining('the bundle is broken') },
    })
  })

  it('refuses an event when too many are waiting', async () => {
    const host = hostOf({ queueLimit: 1 })
    const running = host.invoke({ action: 'sleep', milliseconds: 50 })
    const waiting = host.invoke({ action: 'echo' })
    expect(await host.invoke({ action: 'echo' })).toMatchObject({ ok: false, kind: 'Throttled' })
    expect(await Promise.all([running, waiting])).toMatchObject([{ ok: true }, { ok: true }])
  })

  it('refuses an event that has waited too long, and does not run it later', async () => {
    const host = hostOf({ queueWaitMs: 50 })
    await host.warm
    const running = host.invoke({ action: 'sleep', milliseconds: 300 })
    expect(await host.invoke({ action: 'echo' })).toMatchObject({ ok: false, kind: 'Throttled' })
    await running
    expect(host.stats()).toMatchObject({ queued: 0, busy: 0, failures: { Throttled: 1 } })
  })

  it('writes what the function prints into its log, and its pid into a file while it runs', async () => {
    const home = newHome()
    const host = hostOf({ config: localConfig({ DARKROOM_HOME: home }) })
    await payloadOf(host, { action: 'print', text: 'a line from the function' })
    const pid = (await payloadOf(host, { action: 'pid' })) as number
    expect(readFileSync(join(home, 'pids', 'function-upload-1.pid'), 'utf8')).toBe(String(pid))
    await vi.waitFor(() => {
      expect(readFileSync(join(home, 'logs', 'upload.log'), 'utf8')).toContain('a line from the function')
    })
    await host.stop(0)
    expect(existsSync(join(home, 'pids', 'function-upload-1.pid'))).toBe(false)
    expect(isAlive(pid)).toBe(false)
  })

  it('ends its functions when the host itself is killed', async () => {
    const parent = spawn(process.execPath, [fixture('parent.ts'), newHome()], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(parent.stdout, 'data')
    const pid = Number(String(line))
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000 })
  })
})
