/**
 * The function host: stands in for Lambda on one machine. Each function has a pool of processes up to its local
 * concurrency, each with one event at a time; further events wait in a bounded queue.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalConfig } from '../../config.ts'
import { type FunctionName, functions, resourceName } from '../../platform.ts'
import { bundleFile } from '../../scripts/bundle.ts'
import { functionEnvironments, runtimeEnvironment } from '../bindings.ts'
import { type FunctionProcess, startProcess } from './process.ts'
import { failure, type Invocation, type InvokeResult } from './result.ts'

export type { FailureKind, FunctionError, InvokeResult } from './result.ts'

export type HostOptions = {
  readonly config: LocalConfig
  /** Overrides for tests; by default everything follows from the platform's definition of the function. */
  readonly bundle?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly concurrency?: number
  readonly timeoutSeconds?: number
  readonly memoryMb?: number
  /** Events that may wait for a process; one more is refused with `Throttled`. */
  readonly queueLimit?: number
  /** Longest wait for a process in milliseconds; after that the event is refused with `Throttled`. */
  readonly queueWaitMs?: number
  readonly initTimeoutMs?: number
  readonly log?: (line: Record<string, unknown>) => void
}

export type InvokeOptions = {
  /** Seconds from the moment a process takes the event; the function's own timeout by default. */
  readonly timeout?: number
  /** Parts of a body that becomes `event.body` in base64, made in the function's process: the fast way for an upload. */
  readonly binaryBody?: readonly Uint8Array[]
  readonly requestId?: string
  readonly traceId?: string
}

export type HostStats = {
  /** Processes that are running, busy or idle. */
  readonly processes: number
  readonly ready: number
  readonly busy: number
  readonly queued: number
  readonly invocations: number
  readonly failures: Readonly<Record<'Unhandled' | 'Timeout' | 'Crash' | 'Throttled', number>>
  readonly lastInitMs: number | undefined
}

export type FunctionHost = {
  readonly name: FunctionName
  /** Settles when the first process has loaded its bundle, or failed to. @returns whether it has */
  readonly warm: Promise<boolean>
  /** Never rejects: every failure is a result. */
  invoke(event: unknown, options?: InvokeOptions): Promise<InvokeResult>
  /** Lets what is running finish for a while, refuses what waits, and ends all processes. */
  stop(graceMs?: number): Promise<void>
  stats(): HostStats
}

type Waiting = {
  readonly start: (slot: Slot) => void
  readonly refuse: (result: InvokeResult) => void
  timer: NodeJS.Timeout
}
type Slot = { readonly number: number; process: FunctionProcess | undefined; ready: boolean; busy: boolean }

const defaults = {
  queueLimit: 1_000,
  // Five hundred large uploads at a few a second; a client that waits longer has usually given up.
  queueWaitMs: 120_000,
  // Lambda gives 10 s; here several functions load at once on few cores.
  initTimeoutMs: 30_000,
  stopGraceMs: 5_000,
  /** Pause before a process that ended on its own is replaced while nobody waits for it; doubled up to the last. */
  restartMs: { first: 200, last: 10_000 },
}

const accountId = '000000000000'

export function createFunctionHost(name: FunctionName, options: HostOptions): FunctionHost {
  const { config } = options
  const definition = functions[name]
  const concurrency = options.concurrency ?? definition.concurrency.local
  const timeoutSeconds = options.timeoutSeconds ?? definition.timeoutSeconds
  const memoryMb = options.memoryMb ?? definition.memoryMb
  const queueLimit = options.queueLimit ?? defaults.queueLimit
  const queueWaitMs = options.queueWaitMs ?? defaults.queueWaitMs
  const functionName = resourceName(config.environment, name)
  const environment = {
    ...runtimeEnvironment(config, name),
    ...(options.environment ?? functionEnvironments(config)[name]),
  }

  for (const folder of ['logs', 'pids']) mkdirSync(join(config.home, folder), { recursive: true })
  const logDescriptor = openSync(join(config.home, 'logs', `${name}.log`), 'a')
  const slots = Array.from(
    { length: concurrency },
    (_, n): Slot => ({
      number: n + 1,
      process: undefined,
      ready: false,
      busy: false,
    }),
  )
  const queue: Waiting[] = []
  const failures = { Unhandled: 0, Timeout: 0, Crash: 0, Throttled: 0 }
  let invocations = 0
  let lastInitMs: number | undefined
  let stopping = false
  let restartMs = defaults.restartMs.first

  const [first] = slots as [Slot, ...Slot[]]
  const warm = start(first).ready.then(
    () => true,
    () => false,
  )

  /** Starts a slot's process, and sees to it that the first slot always has one. */
  function start(slot: Slot): FunctionProcess {
    const started = startProcess({
      name,
      bundle: options.bundle ?? bundleFile(name),
      environment,
      memoryMb,
      logDescriptor,
      pidFile: join(config.home, 'pids', `function-${name}-${slot.number}.pid`),
      initTimeoutMs: options.initTimeoutMs ?? defaults.initTimeoutMs,
    })
    slot.process = started
    started.ready.then(
      ({ initMs }) => {
        slot.ready = true
        lastInitMs = initMs
        restartMs = defaults.restartMs.first
        options.log?.({ level: 'INFO', message: 'function ready', function: name, initMs: Math.round(initMs) })
      },
      (error: Error) =>
        options.log?.({ level: 'ERROR', message: 'function did not start', function: name, error: error.message }),
    )
    started.ended.then(() => {
      if (slot.process !== started) return
      slot.process = undefined
      slot.ready = false
      if (stopping || slot !== first) return
      options.log?.({ level: 'WARN', message: 'function process ended', function: name, restartMs })
      setTimeout(() => {
        if (!stopping && !slot.process && !slot.busy) start(slot)
      }, restartMs).unref()
      restartMs = Math.min(restartMs * 2, defaults.restartMs.last)
    })
    return started
  }

  /** Gives waiting events to free slots; those with a warm process come first. */
  function dispatch(): void {
    while (queue.length > 0) {
      const free = slots.filter((slot) => !slot.busy)
      const slot = free.find(({ ready }) => ready) ?? free.find(({ process }) => process) ?? free[0]
      const next = slot && queue.shift()
      if (!next) return
      clearTimeout(next.timer)
      slot.busy = true
      next.start(slot)
    }
  }

  async function invoke(event: unknown, call: InvokeOptions = {}): Promise<InvokeResult> {
    const result = await admit(event, call)
    if (!result.ok) failures[result.kind] += 1
    return result
  }

  async function admit(event: unknown, call: InvokeOptions): Promise<InvokeResult> {
    invocations += 1
    if (stopping) return throttled('The platform is stopping')
    if (queue.length >= queueLimit) return throttled('Too many requests are waiting for this function')
    const turn = Promise.withResolvers<Slot | InvokeResult>()
    const waiting: Waiting = {
      start: turn.resolve,
      refuse: turn.resolve,
      timer: setTimeout(() => {
        queue.splice(queue.indexOf(waiting), 1)
        turn.resolve(throttled(`No process was free within ${queueWaitMs} ms`))
      }, queueWaitMs),
    }
    queue.push(waiting)
    dispatch()
    const slot = await turn.promise
    if ('ok' in slot) return slot
    try {
      return await run(slot, event, call)
    } finally {
      slot.busy = false
      dispatch()
    }
  }

  async function run(slot: Slot, event: unknown, call: InvokeOptions): Promise<InvokeResult> {
    const process = slot.process ?? start(slot)
    try {
      await process.ready
    } catch (error) {
      return failure('Crash', 'Runtime.InitError', (error as Error).message)
    }
    const timeout = call.timeout ?? timeoutSeconds
    const invocation: Invocation = {
      requestId: call.requestId ?? randomUUID(),
      functionName,
      functionArn: `arn:aws:lambda:${config.region}:${accountId}:function:${functionName}`,
      memoryMb,
      deadline: Date.now() + timeout * 1000,
      traceId: call.traceId ?? newTraceId(),
      binaryBody: call.binaryBody !== undefined,
      event,
    }
    const result = await process.invoke(invocation, call.binaryBody, timeout)
    if (!result.ok && (result.kind === 'Timeout' || result.kind === 'Crash')) await process.ended
    return result
  }

  let stopped: Promise<void> | undefined
  function stop(graceMs = defaults.stopGraceMs): Promise<void> {
    stopped ??= end(graceMs)
    return stopped
  }

  async function end(graceMs: number): Promise<void> {
    stopping = true
    for (const { timer, refuse } of queue.splice(0)) {
      clearTimeout(timer)
      refuse(throttled('The platform is stopping'))
    }
    const deadline = Date.now() + graceMs
    while (slots.some(({ busy }) => busy) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await Promise.all(slots.map(({ process }) => process?.stop()))
    closeSync(logDescriptor)
  }

  const stats = (): HostStats => ({
    processes: slots.filter(({ process }) => process).length,
    ready: slots.filter(({ ready }) => ready).length,
    busy: slots.filter(({ busy }) => busy).length,
    queued: queue.length,
    invocations,
    failures: { ...failures },
    lastInitMs,
  })

  return { name, warm, invoke, stop, stats }
}

const throttled = (message: string) => failure('Throttled', 'TooManyRequestsException', message)

/** As X-Ray writes it: version, seconds since the epoch, 96 random bits; not sampled. */
export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16)
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`
}
