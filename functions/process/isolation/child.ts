/**
 * One child process that decodes and encodes images, as the processor sees it. Whatever native code does there, crash,
 * hang or fill the memory, it ends this process and nothing else.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { frameReader, writeFrame } from '../../shared/frames.ts'
import type { Answer, Job, Ready } from './messages.ts'
import { cpuSeconds, residentBytes } from './proc.ts'

/** The bundle has the entry beside it; run from source, it is TypeScript. */
export const childEntry = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, 'entry.ts')
  : join(import.meta.dirname, 'child.mjs')

/** Why a child ended without an answer. */
export type EndReason =
  /** It was ended because its image took more CPU time than it may. */
  | 'time'
  /** It was ended because it neither worked nor answered: the machine is overloaded, or code waits for ever. */
  | 'stuck'
  /** It was ended because it held too much memory. */
  | 'memory'
  /** Native code or V8 gave up: a signal that only a fault within the process raises, or an exit of its own. */
  | 'crash'
  /** Somebody else ended it: the kernel short of memory, an operator. Says nothing about the image. */
  | 'killed'

/** The child is gone, and there is no answer. */
export class ChildEndedError extends Error {
  override readonly name = 'ChildEndedError'
  readonly retriable = true
  readonly reason: EndReason
  /** The most that it was seen to hold while it had its last image; 0 where nobody has looked. */
  readonly residentBytes: number
  /** CPU time that its last image had taken when it was ended; 0 where nobody has looked. */
  readonly cpuSeconds: number

  constructor(reason: EndReason, how: string, { residentBytes = 0, cpuSeconds = 0 } = {}) {
    super(`The process that decodes images ended (${how})`)
    this.reason = reason
    this.residentBytes = residentBytes
    this.cpuSeconds = cpuSeconds
  }
}

export type Child = {
  readonly pid: number | undefined
  /** Settles when it can take an image; rejects with a ChildEndedError where it could not start. */
  readonly ready: Promise<void>
  /** Whether it has ended, or is about to. */
  readonly gone: () => boolean
  /**
   * Gives it an image; one at a time.
   * @param seconds.cpu of CPU time, after which the child is ended; `seconds.wall` likewise
   * @throws ChildEndedError
   */
  run(
    job: Job,
    bytes: Uint8Array,
    seconds: { readonly cpu: number; readonly wall: number },
  ): Promise<{ answer: Answer; body: Buffer }>
  /** Ends it at once. */
  stop(): void
}

export type ChildOptions = {
  readonly entry: string
  /** Resident memory above which it is ended. */
  readonly memoryBytes: number
}

/** How often a child is looked at: in this time a decoder fills some 20 MB. */
const lookEveryMs = 10
/** Signals that a fault within the process raises; others come from outside. */
const crashes = new Set<string>(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'])

/**
 * The child inherits no variable: no credentials of the function are in its environment.
 * glibc would keep what libvips has freed in an arena for each thread, and in blocks below a threshold that it raises
 * by itself; a fixed one gives large blocks back at once.
 */
const environment = {
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(16 * 1024 * 1024),
}

/**
 * V8 would let the space for young objects grow to some 100 MB over a few hundred images, though 16 MB are in use: a
 * child would be replaced for that, and the image in work would have so much less.
 */
const flags = ['--max-semi-space-size=4', '--disable-warning=ExperimentalWarning', '--enable-source-maps']

export function startChild({ entry, memoryBytes }: ChildOptions): Child {
  const started = spawn(process.execPath, [...flags, entry], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const channel = started.stdio[3] as Socket
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let answered: ((result: { answer: Answer; body: Buffer } | ChildEndedError) => void) | undefined
  let end: ChildEndedError | undefined
  let isReady = false

  channel.on(
    'data',
    frameReader<Answer | Ready>(({ message, body }) => {
      if (message.type === 'ready') {
        isReady = true
        hold(false)
        ready.resolve()
      } else answered?.({ answer: message, body })
    }),
  )
  // Writing to a process that has just died fails; its exit tells what there is to tell.
  channel.on('error', () => {})
  started.once('error', (error) => ended(new ChildEndedError('killed', error.message)))
  started.once('exit', (code, signal) => {
    const how = signal ? `signal ${signal}` : `exit status ${code}`
    // One that did not even start has not seen its image.
    const ownFault = isReady && (signal === null || crashes.has(signal))
    ended(new ChildEndedError(ownFault ? 'crash' : 'killed', how))
  })
  /** The first reason counts: after a kill the exit only reports the signal. */
  function ended(error: ChildEndedError): void {
    end ??= error
    ready.reject(end)
    answered?.(end)
    hold(false)
  }
  function kill(reason: EndReason, how: string, used?: { residentBytes?: number; cpuSeconds: number }): void {
    end ??= new ChildEndedError(reason, how, used)
    started.kill('SIGKILL')
  }
  /** An idle child keeps no process alive that has nothing else to do. */
  function hold(busy: boolean): void {
    for (const handle of [started, channel]) busy ? handle.ref() : handle.unref()
  }

  async function run(job: Job, bytes: Uint8Array, seconds: { readonly cpu: number; readonly wall: number }) {
    let timer: NodeJS.Timeout | undefined
    try {
      await ready.promise
      if (end) throw end
      hold(true)
      const before = { cpu: cpuSeconds(started.pid), wall: performance.now() }
      timer = setInterval(() => {
        const cpu = cpuSeconds(started.pid) - before.cpu
        lookAtMemory(cpu)
        if (cpu > seconds.cpu) kill('time', `not done in ${seconds.cpu} s of CPU time`, { cpuSeconds: cpu })
        const wall = (performance.now() - before.wall) / 1000
        const idly = `${cpu.toFixed(1)} s of CPU time in ${Math.round(wall)} s`
        if (wall > seconds.wall) kill('stuck', idly, { cpuSeconds: cpu })
      }, lookEveryMs)
      const result = await new Promise<{ answer: Answer; body: Buffer } | ChildEndedError>((resolve) => {
        answered = resolve
        writeFrame(channel, job, [bytes])
      })
      if (result instanceof ChildEndedError) throw result
      return result
    } finally {
      clearInterval(timer)
      answered = undefined
      hold(false)
    }
  }

  function lookAtMemory(cpu: number): void {
    const resident = residentBytes(started.pid)
    if (resident <= memoryBytes) return
    const how = `${Math.round(resident / 1e6)} MB of memory, ${Math.round(memoryBytes / 1e6)} MB are the limit`
    kill('memory', how, { residentBytes: resident, cpuSeconds: cpu })
  }

  return {
    pid: started.pid,
    ready: ready.promise,
    gone: () => end !== undefined,
    run,
    stop: () => kill('killed', 'stopped'),
  }
}
