/** Keeps one service up: whenever its process ends, it is started again, for as long as it takes. */
import { setTimeout as pause } from 'node:timers/promises'
import { createBackoff } from './backoff.ts'
import type { Child, Exit } from './child.ts'
import { ServiceStartError } from './errors.ts'
import { beginLife, describeExit } from './life.ts'
import { isHung, type LivenessLimits, patientLimits } from './liveness.ts'
import { logFile, logTail } from './logs.ts'
import type { Service } from './service.ts'

/** Takes one short line for the person at the terminal. */
export type Say = (line: string) => void

export type Keeper = {
  readonly service: Service
  /**
   * Returns once the service answers.
   * @throws ServiceStartError when it came up in none of the first attempts; nothing is left running
   */
  start(): Promise<void>
  /** SIGTERM, SIGKILL after the service's limit; afterwards it is not started again. */
  stop(): Promise<void>
  /** SIGKILL now. */
  kill(): void
}

/** A start that fails is repaired too, but not for ever: whoever waits at the terminal wants to be told. */
const firstAttempts = 3
/** A service that has been up for this long starts its delays over. In milliseconds. */
const steadyMs = 10_000

export type KeepUpOptions = {
  readonly home: string
  readonly say: Say
  readonly backoff?: Parameters<typeof createBackoff>[0]
  readonly liveness?: LivenessLimits
}

export function keepUp(service: Service, { home, say, backoff = {}, liveness = patientLimits }: KeepUpOptions): Keeper {
  const stopping = new AbortController()
  const delays = createBackoff(backoff)
  let current: Child | undefined
  let beginning: Promise<Child> | undefined

  function begin(): Promise<Child> {
    const onSpawn = (child: Child) => {
      current = child
    }
    beginning = beginLife(service, { home, onSpawn, signal: stopping.signal })
    return beginning
  }

  async function beginFirst(): Promise<Child> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await begin()
      } catch (cause) {
        if (attempt < firstAttempts && !stopping.signal.aborted && cause instanceof ServiceStartError) {
          await pause(delays.next())
          continue
        }
        const tail = await logTail(home, service.name)
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new ServiceStartError(
          `${service.name} ${reason}. The last lines of ${logFile(home, service.name)}:\n${tail}`,
          { cause },
        )
      }
    }
  }

  async function watch(first: Child): Promise<void> {
    for (let child: Child | undefined = first; child; ) {
      const since = performance.now()
      const exit = await watched(child)
      if (stopping.signal.aborted) return
      if (performance.now() - since > steadyMs) delays.reset()
      child = await revive(describeExit(exit))
    }
  }

  /** Waits for its end, and brings it about where it has stopped answering. */
  async function watched(child: Child): Promise<Exit> {
    const ended = new AbortController()
    const { alive } = service
    if (alive) {
      void isHung(alive, liveness, AbortSignal.any([ended.signal, stopping.signal])).then((hung) => {
        if (!hung) return
        say(`${service.name} is there and does not answer any more; ending it`)
        child.kill()
      })
    }
    return child.exited.finally(() => ended.abort())
  }

  async function revive(reason: string): Promise<Child | undefined> {
    for (let why = reason; ; ) {
      const delay = delays.next()
      say(`${service.name} ${why}; starting it again in ${delay / 1000} s (log: ${logFile(home, service.name)})`)
      await pause(delay, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return undefined
      const began = performance.now()
      try {
        const child = await begin()
        say(`${service.name} answers again after ${((performance.now() - began) / 1000).toFixed(1)} s`)
        return child
      } catch (error) {
        if (stopping.signal.aborted) return undefined
        why = error instanceof Error ? error.message : String(error)
      }
    }
  }

  return {
    service,
    async start() {
      void watch(await beginFirst())
    },
    async stop() {
      stopping.abort()
      await current?.stop(service.stopLimitMs)
      // A process that was just being spawned is ended by the aborted attempt itself.
      await beginning?.catch(() => {})
      await current?.stop(service.stopLimitMs)
    },
    kill() {
      stopping.abort()
      current?.kill()
    },
  }
}
