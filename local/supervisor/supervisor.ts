/** All services together: started in groups, stopped in the reverse order. */
import { ServiceStartError } from './errors.ts'
import { type Keeper, keepUp, type Say } from './keep-up.ts'
import type { Service } from './service.ts'

export type Supervisor = {
  /**
   * Starts one service and returns once it answers. Services started under the same group are stopped together.
   * @throws ServiceStartError, or the signal's reason when the supervisor is being stopped
   */
  start(service: Service, group: number): Promise<void>
  /** Stops every service, the highest group first; safe to call at any time, and more than once. */
  stop(): Promise<void>
  /** SIGKILL to every process, at once. */
  kill(): void
}

/** @param restartAtOnce no growing pauses before a service is started again */
export function createSupervisor({
  home,
  say,
  restartAtOnce = false,
}: {
  home: string
  say: Say
  restartAtOnce?: boolean
}): Supervisor {
  const backoff = restartAtOnce ? { mostMs: 200 } : {}
  const groups = new Map<number, Keeper[]>()
  let stopping: Promise<void> | undefined

  async function stopAll(): Promise<void> {
    for (const group of [...groups.keys()].sort((a, b) => b - a)) {
      await Promise.all((groups.get(group) ?? []).map((keeper) => keeper.stop()))
    }
  }

  return {
    async start(service, group) {
      if (stopping) throw new ServiceStartError(`${service.name} was not started: the platform is stopping`)
      const keeper = keepUp(service, { home, say, backoff })
      groups.set(group, [...(groups.get(group) ?? []), keeper])
      await keeper.start()
    },
    stop() {
      stopping ??= stopAll()
      return stopping
    },
    kill() {
      for (const keeper of [...groups.values()].flat()) keeper.kill()
    },
  }
}
