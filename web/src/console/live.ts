/** Looking again and again while the page is visible, and changing something once. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, networkError } from '../api.ts'
import { createPoller, type Poller } from '../images/poller.ts'

export type Live<T> = {
  /** The last answer; it stays while a later one fails. */
  readonly value: T | undefined
  readonly failure: ApiError | undefined
  /** Looks now, as after a change. */
  readonly look: () => void
}

/**
 * @param paceMs pause between two looks; 0 looks once, and again only when asked
 * @param key of what is looked at: another key forgets the answer
 */
export function useLive<T>(load: () => Promise<T>, paceMs: number, key: string): Live<T> {
  const [known, setKnown] = useState<{ key: string; value?: T; failure?: ApiError }>({ key })
  const loading = useRef(load)
  loading.current = load
  const poller = useRef<Poller>(undefined)

  useEffect(() => {
    let current = true
    async function round() {
      try {
        const value = await loading.current()
        if (current) setKnown({ key, value })
      } catch (error) {
        const failure = error instanceof ApiError ? error : networkError(error)
        if (current) setKnown((before) => ({ ...(before.key === key ? before : { key }), failure }))
        throw error
      }
    }
    const started = createPoller(round, () => paceMs || 3_600_000)
    poller.current = started
    return () => {
      current = false
      started.stop()
    }
  }, [key, paceMs])

  const look = useCallback(() => poller.current?.now(), [])
  return {
    value: known.key === key ? known.value : undefined,
    failure: known.key === key ? known.failure : undefined,
    look,
  }
}

export type Change<A> = {
  readonly running: boolean
  readonly failure: ApiError | undefined
  readonly run: (argument: A) => void
  readonly forget: () => void
}

/** One change at a time; what goes wrong stays on the page until the next try. */
export function useChange<A, R>(make: (argument: A) => Promise<R>, done: (result: R) => void): Change<A> {
  const [running, setRunning] = useState(false)
  const [failure, setFailure] = useState<ApiError>()
  async function run(argument: A) {
    setRunning(true)
    setFailure(undefined)
    try {
      done(await make(argument))
    } catch (error) {
      setFailure(error instanceof ApiError ? error : networkError(error))
    }
    setRunning(false)
  }
  return { running, failure, run: (argument) => void run(argument), forget: () => setFailure(undefined) }
}
