/** Going through the records of a topic page by page, and searching on where a page ends without a find. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { StreamMessagePage } from '../../../contract/stream-work-schemas.ts'
import { ApiError, networkError } from '../api.ts'

export type Paging = {
  /** Of the page that is shown; undefined for the first. */
  readonly cursor: string | undefined
  /** Pages that lie before it. */
  readonly depth: number
  readonly next: (cursor: string) => void
  readonly back: () => void
  /** Records that a search has looked at since it was sent on; undefined while none goes on. */
  readonly searched: number | undefined
  readonly failure: ApiError | undefined
  /** Looks at page after page until something is found, everything has been looked at, or it is stopped. */
  readonly searchOn: (cursor: string) => void
  readonly stop: () => void
}

/** @param key of what is asked for: another one begins at the first page */
export function usePaging(load: (cursor: string) => Promise<StreamMessagePage>, key: string): Paging {
  const [cursors, setCursors] = useState<{ key: string; of: readonly string[] }>({ key, of: [] })
  const [searched, setSearched] = useState<number>()
  const [failure, setFailure] = useState<ApiError>()
  const going = useRef(0)
  const of = cursors.key === key ? cursors.of : []

  // Another question, or another page: whatever goes on is not wanted any more.
  useEffect(
    () => () => {
      going.current += 1
      setSearched(undefined)
      setFailure(undefined)
    },
    [key],
  )

  const next = (cursor: string) => setCursors({ key, of: [...of, cursor] })
  async function searchOn(from: string) {
    going.current += 1
    const mine = going.current
    setFailure(undefined)
    setSearched(0)
    let [cursor, looked] = [from, 0]
    try {
      for (;;) {
        const page = await load(cursor)
        if (going.current !== mine) return
        looked += page.scanned
        setSearched(looked)
        if (page.items.length > 0 || !page.next_cursor) {
          next(cursor)
          break
        }
        cursor = page.next_cursor
      }
    } catch (error) {
      if (going.current !== mine) return
      setFailure(error instanceof ApiError ? error : networkError(error))
    }
    setSearched(undefined)
  }

  return {
    cursor: of.at(-1),
    depth: of.length,
    next,
    back: () => setCursors({ key, of: of.slice(0, -1) }),
    searched,
    failure,
    searchOn: (cursor) => void searchOn(cursor),
    stop: () => {
      going.current += 1
      setSearched(undefined)
    },
  }
}
