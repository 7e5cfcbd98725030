/** Reading a request's body: no larger than its operation takes, no slower than we wait, and not too many at once. */
import { limits as platformLimits } from '../../platform.ts'
import { Refusal, unavailable } from './refusal.ts'

export type BodyLimits = {
  readonly maxBytes: number
  /** Longest pause between two parts, in milliseconds. */
  readonly idleMs: number
  /** Longest time for the whole body, in milliseconds. */
  readonly totalMs: number
}

/** A phone on a poor line sends 4 MiB in a minute at 70 kB/s; nobody may keep us waiting for longer. */
export const bodyTimes = { idleMs: 10_000, totalMs: 60_000 }

/**
 * Checks the declared length, so that a large body is refused before it is sent.
 * @returns the length, or undefined where the body comes in chunks
 * @throws Refusal 413
 */
export function declaredLength(header: string | undefined, chunked: boolean, maxBytes: number): number | undefined {
  if (chunked) return undefined
  const length = Number(header ?? 0)
  if (length > maxBytes) throw tooLarge(maxBytes)
  return length
}

/** A body in the parts in which it came. */
export type Body = { readonly bytes: number; readonly parts: readonly Uint8Array[] }

export const emptyBody: Body = { bytes: 0, parts: [] }

/**
 * Collects a body.
 * @param parts is left where it stands when the body is refused; who owns the connection drains it
 * @throws Refusal 413 as soon as it is too large, 408 when it comes too slowly, 400 when it breaks off
 */
export async function readBody(
  parts: AsyncIterator<Uint8Array>,
  length: number | undefined,
  limits: BodyLimits,
): Promise<Body> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const deadline = Date.now() + limits.totalMs
  for (;;) {
    const wait = Math.min(limits.idleMs, deadline - Date.now())
    const part = await within(nextOf(parts), wait)
    if (part.done) break
    bytes += part.value.byteLength
    if (bytes > limits.maxBytes) throw tooLarge(limits.maxBytes)
    chunks.push(part.value)
  }
  if (length !== undefined && bytes !== length) throw brokenOff()
  return { bytes, parts: chunks }
}

async function nextOf(parts: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await parts.next()
  } catch (cause) {
    throw brokenOff(cause)
  }
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(
      new Refusal(408, 'body-too-slow', 'The body did not arrive in time', {
        hint: 'Send it again over a better connection.',
        headers: { connection: 'close' },
      }),
    )
  }, milliseconds)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

const tooLarge = (maxBytes: number) =>
  new Refusal(413, 'body-too-large', `The body is larger than ${maxBytes} bytes`, {
    ...(maxBytes === platformLimits.directUploadBytes && {
      hint: `POST /uploads takes images of up to ${platformLimits.presignedUploadBytes} bytes.`,
    }),
    // No `connection: close`: the server reads on for half a second, so that a sender who only looks at the answer when
    // everything has been sent sees this and not a broken pipe.
  })

const brokenOff = (cause?: unknown) =>
  new Refusal(400, 'body-incomplete', 'The body ended before its declared length', { cause })

export type BodyBudget = {
  /** Waits until there is room. @returns a function that gives the room back; calling it again does nothing */
  reserve(bytes: number): Promise<() => void>
  /** Bytes that are reserved now, and requests that wait for room. */
  readonly used: number
  readonly waiting: number
}

/**
 * Bounds the memory that bodies take: a request whose body does not fit waits with its body unread, in the sender's
 * and the kernel's buffers.
 * @param waitMs a request that has waited longer is refused with 503, and so is one more than `mostWaiting`
 */
export function createBodyBudget(bytes: number, waitMs: number, mostWaiting: number): BodyBudget {
  const queue: { wanted: number; admit: () => void }[] = []
  let used = 0

  const take = (wanted: number): (() => void) => {
    used += wanted
    let given = false
    return () => {
      if (given) return
      given = true
      used -= wanted
      while (queue[0] && used + queue[0].wanted <= bytes) queue.shift()?.admit()
    }
  }

  return {
    get used() {
      return used
    },
    get waiting() {
      return queue.length
    },
    async reserve(wanted) {
      // Who brings nothing waits for nobody.
      if (wanted === 0) return () => {}
      if (queue.length === 0 && used + wanted <= bytes) return take(wanted)
      if (queue.length >= mostWaiting) throw unavailable('too-busy', 'Too many requests are waiting')
      const turn = Promise.withResolvers<() => void>()
      const entry = { wanted, admit: () => turn.resolve(take(wanted)) }
      queue.push(entry)
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(entry), 1)
        turn.reject(unavailable('too-busy', `The request waited for ${waitMs} ms`))
      }, waitMs)
      return turn.promise.finally(() => clearTimeout(timer))
    },
  }
}
