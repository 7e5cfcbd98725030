/** One life of a service: from its preparation until it answers. */
import { type Child, type Exit, startChild } from './child.ts'
import { ServiceStartError } from './errors.ts'
import { poll } from './poll.ts'
import type { Service } from './service.ts'

/**
 * Starts a service's process and waits until it truly answers.
 * @param onSpawn receives the process as soon as there is one
 * @param signal ends the attempt and the process
 * @throws ServiceStartError when the process ended or did not answer in time; it is gone by then
 */
export async function beginLife(
  service: Service,
  { home, onSpawn, signal }: { home: string; onSpawn: (child: Child) => void; signal: AbortSignal },
): Promise<Child> {
  const command = await service.prepare()
  signal.throwIfAborted()
  const child = await startChild(service.name, command, { home, channel: service.channel })
  onSpawn(child)
  try {
    await Promise.race([failWhenEnded(child), failWhenLate(service), untilReady(service, child, signal)])
    return child
  } catch (error) {
    child.kill()
    await child.exited
    throw error
  }
}

async function failWhenEnded(child: Child): Promise<never> {
  throw new ServiceStartError(describeExit(await child.exited))
}

function failWhenLate({ startLimitMs }: Service): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = () => reject(new ServiceStartError(`did not answer within ${startLimitMs / 1000} s`))
  setTimeout(late, startLimitMs).unref()
  return promise
}

async function untilReady({ probe, startLimitMs }: Service, child: Child, signal: AbortSignal): Promise<void> {
  if (!probe) return child.saidReady
  const ended = new AbortController()
  void child.exited.then(() => ended.abort(new ServiceStartError('ended')))
  await poll(probe, { limitMs: startLimitMs, signal: AbortSignal.any([signal, ended.signal]) })
}

/** An end in words, as the second half of a sentence. */
export function describeExit({ code, signal, error }: Exit): string {
  if (error) return `could not be started (${error.message})`
  return signal ? `was ended by ${signal}` : `ended with code ${code}`
}
