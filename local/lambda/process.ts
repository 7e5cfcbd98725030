/** One process of a function: started with nothing but its declared environment, given one event at a time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { frameReader, writeFrame } from '../../functions/shared/frames.ts'
import { heapOption } from '../heap.ts'
import { failure, type Invocation, type InvokeResult, type RuntimeMessage } from './result.ts'

export type ProcessSettings = {
  readonly name: string
  readonly bundle: string
  readonly environment: Readonly<Record<string, string>>
  readonly memoryMb: number
  /** Open for appending; takes the process's output. */
  readonly logDescriptor: number
  readonly pidFile: string
  /** Milliseconds from start to ready. */
  readonly initTimeoutMs: number
}

export type FunctionProcess = {
  readonly pid: number | undefined
  /** Milliseconds that loading the bundle took; rejects with an InvokeResult's error when it could not be loaded. */
  readonly ready: Promise<{ initMs: number }>
  /** Settles when the process has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** @returns the outcome; never rejects. After `Timeout` and `Crash` the process is gone. */
  invoke(invocation: Invocation, body: readonly Uint8Array[] | undefined, timeoutSeconds: number): Promise<InvokeResult>
  /** Closes the channel, which ends the process; kills it where it has not ended after a grace period. */
  stop(): Promise<void>
}

/** The bundle could not be loaded, or not in time. */
export class InitError extends Error {
  override readonly name = 'InitError'
  readonly retriable = true
}

/** Lambda leaves the rest of the memory to native code; V8's heap gets most of it. */
const heapShare = 0.9
const stopGraceMs = 2_000

export function startProcess(settings: ProcessSettings): FunctionProcess {
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${Math.floor(settings.memoryMb * heapShare)}`,
      heapOption(settings.memoryMb),
      '--enable-source-maps',
      '--disable-warning=ExperimentalWarning',
      // kafkajs 2.2.4 sets timers in the past, once for each idle connection.
      '--disable-warning=TimeoutNegativeWarning',
      join(import.meta.dirname, 'runtime.ts'),
      settings.bundle,
    ],
    { env: { ...settings.environment }, stdio: ['ignore', settings.logDescriptor, settings.logDescriptor, 'pipe'] },
  )
  const channel = child.stdio[3] as Socket
  const ready = Promise.withResolvers<{ initMs: number }>()
  ready.promise.catch(() => {})
  const ended = Promise.withResolvers<void>()
  let finish: ((result: InvokeResult) => void) | undefined
  let inFlight: Invocation | undefined
  let killedFor: InvokeResult | undefined

  const settle = (result: InvokeResult) => {
    const waiting = finish
    finish = undefined
    inFlight = undefined
    waiting?.(result)
  }
  const initTimer = setTimeout(() => {
    ready.reject(new InitError(`${settings.name} was not ready after ${settings.initTimeoutMs} ms`))
    child.kill('SIGKILL')
  }, settings.initTimeoutMs)

  const onMessage = (message: RuntimeMessage): void => {
    if (message.type === 'ready') {
      clearTimeout(initTimer)
      ready.resolve({ initMs: message.initMs })
    } else if (message.type === 'init-error') {
      ready.reject(new InitError(`${message.error.errorType}: ${message.error.errorMessage}`))
    } else if (message.requestId === inFlight?.requestId) {
      if (message.type === 'result') settle({ ok: true, payload: message.payload })
      else settle({ ok: false, kind: message.fatal ? 'Crash' : 'Unhandled', error: message.error })
    }
  }
  const read = frameReader<RuntimeMessage>(({ message }) => onMessage(message))
  channel.on('data', read)
  // Writing to a process that has just died fails; its exit tells what there is to tell.
  channel.on('error', () => {})

  child.once('error', (error) => {
    ready.reject(new InitError(`${settings.name} could not be started: ${error.message}`))
    ended.resolve()
  })
  child.once('exit', (code, signal) => {
    clearTimeout(initTimer)
    rmSync(settings.pidFile, { force: true })
    const how = signal ? `signal: ${signal}` : `exit status ${code}`
    ready.reject(new InitError(`${settings.name} ended before it was ready (${how})`))
    settle(killedFor ?? exited(inFlight, how))
    ended.resolve()
  })
  if (child.pid !== undefined) writeFileSync(settings.pidFile, String(child.pid))

  function invoke(
    invocation: Invocation,
    body: readonly Uint8Array[] | undefined,
    timeoutSeconds: number,
  ): Promise<InvokeResult> {
    const { promise, resolve } = Promise.withResolvers<InvokeResult>()
    inFlight = invocation
    const timer = setTimeout(() => {
      const message = `RequestId: ${invocation.requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`
      killedFor = failure('Timeout', 'Sandbox.Timedout', message)
      child.kill('SIGKILL')
    }, timeoutSeconds * 1000)
    finish = (result) => {
      clearTimeout(timer)
      resolve(result)
    }
    if (hasEnded(child)) settle(exited(invocation, 'it had already ended'))
    else writeFrame(channel, invocation, body)
    return promise
  }

  async function stop(): Promise<void> {
    channel.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
    await ended.promise
    clearTimeout(timer)
  }

  return { pid: child.pid, ready: ready.promise, ended: ended.promise, invoke, stop }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const exited = (invocation: Invocation | undefined, how: string): InvokeResult =>
  failure('Crash', 'Runtime.ExitError', `RequestId: ${invocation?.requestId} Error: Runtime exited with error: ${how}`)
