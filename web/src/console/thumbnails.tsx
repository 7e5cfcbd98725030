/** Thumbnails beside records, for those who may see them. Links end within minutes and are asked for again in time. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { StreamThumbnails } from '../../../contract/stream-work-schemas.ts'
import { type ApiError, networkError } from '../api.ts'
import type { ConsoleApi } from './api.ts'
import { words } from './text.ts'

type Link = StreamThumbnails['items'][number] & { readonly until: number }
/** A link is asked for anew before it ends. */
const marginMs = 30_000
/** Ids that are new on the page are gathered for a moment: one question, and one line in the record of looks. */
const gatherMs = 250

export type Thumbnails = { readonly links: ReadonlyMap<string, Link>; readonly failure: ApiError | undefined }

/** @param ids of the images on the page; each is asked for once, and again when its link ends */
export function useThumbnails(api: ConsoleApi, ids: readonly string[], wanted: boolean): Thumbnails {
  const [links, setLinks] = useState<ReadonlyMap<string, Link>>(new Map())
  const [failure, setFailure] = useState<ApiError>()
  const askedUntil = useRef(new Map<string, number>())
  const key = ids.join()

  useEffect(() => {
    if (!wanted) return
    const timer = setTimeout(async () => {
      const now = Date.now()
      const missing = ids.filter((id) => (askedUntil.current.get(id) ?? 0) < now + marginMs)
      if (missing.length === 0) return
      try {
        const { items, valid_until: validUntil } = await api.thumbnails(missing)
        const until = Date.parse(validUntil)
        for (const id of missing) askedUntil.current.set(id, until)
        setLinks((before) => new Map([...before, ...items.map((item) => [item.id, { ...item, until }] as const)]))
        setFailure(undefined)
      } catch (error) {
        setFailure(error instanceof Error && 'status' in error ? (error as ApiError) : networkError(error))
      }
    }, gatherMs)
    return () => clearTimeout(timer)
  }, [api, key, wanted])

  return { links: wanted ? links : none, failure: wanted ? failure : undefined }
}
const none: ReadonlyMap<string, Link> = new Map()

/** The picture, or its place where there is none (yet, or any more). */
export function Thumbnail({ id, link }: { id: string; link: Link | undefined }) {
  const [broken, setBroken] = useState('')
  return link && broken !== link.url ? (
    <img
      class="thumbnail"
      src={link.url}
      width={link.width}
      height={link.height}
      alt={words.messages.thumbnailOf(id.slice(0, 8))}
      loading="lazy"
      onError={() => setBroken(link.url)}
    />
  ) : (
    <span class="thumbnail" aria-hidden="true" />
  )
}
