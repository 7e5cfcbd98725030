/** The live list of one's photographs. */
import { signal } from '@preact/signals'
import type { Accepted, ImagePage, ImageView } from '../../../contract/schemas.ts'
import { limits } from '../../../platform.ts'
import { announce } from '../announce.ts'
import { type Api, ApiError } from '../api.ts'
import { text } from '../text.ts'
import { createLive } from './live.ts'
import { isInFlight, type ListedImage, mergePage, refresh } from './merge.ts'
import { createPoller, type Poller } from './poller.ts'

/** Of the top of the list, which is asked for again and again. */
const pageSize = 50
/** Pauses between looks at the list, in milliseconds. */
const pace = { told: 5_000, few: 400, many: 1_000, waiting: 2_000, idle: 15_000 }
/** More than this in flight is a bulk upload, whose rows nobody follows one by one. */
const fewInFlight = 12
/** What takes longer than this to be processed is looked at less often: something is down. */
const patienceMs = 20_000
const stragglersAtOnce = 8

export type ImageStore = ReturnType<typeof createImageStore>

/** What is known of a file that has just been accepted, before the platform lists it. */
export type AcceptedFile = {
  readonly accepted: Accepted
  readonly name: string
  readonly bytes: number
  readonly type: ImageView['content_type']
  /** An object URL of the file, where the browser can show it. */
  readonly preview: string | undefined
}

export function createImageStore(api: Api, retentionDays: number, clock: () => number = Date.now) {
  const images = signal<readonly ListedImage[]>([])
  const loaded = signal(false)
  const failure = signal<ApiError | undefined>(undefined)
  const cursor = signal<string | undefined>(undefined)
  const loadingMore = signal(false)
  const erasing = signal<ReadonlySet<string>>(new Set())
  /** Pictures of files that this tab has sent, until the platform's own arrive. */
  const previews = new Map<string, string>()
  /** A page that was asked for before an erasure may arrive after it. */
  const erased = new Set<string>()
  let poller: Poller | undefined
  /** Whether the person has gone beyond the first page; its cursor then belongs to a later one. */
  let paged = false
  let arriving: Promise<void> | undefined

  async function nextPage(from: string) {
    loadingMore.value = true
    const newest = images.value.at(-1)?.received_at
    try {
      const page = await api.listImages({ limit: limits.pageSize.most, cursor: from })
      show(mergePage(images.value, page, clock(), newest))
      paged = true
      cursor.value = page.next_cursor
      failure.value = undefined
    } catch (error) {
      if (error instanceof ApiError) failure.value = error
    } finally {
      loadingMore.value = false
      arriving = undefined
    }
  }

  function show(all: readonly ListedImage[]) {
    const next = all.filter(({ id }) => !erased.has(id))
    const known = new Map(images.value.map((image) => [image.id, image]))
    for (const image of next) {
      const before = known.get(image.id)
      if (!before || !isInFlight(before) || isInFlight(image)) continue
      const name = image.name ?? text.list.unnamed
      announce(image.status === 'quarantined' ? text.list.quarantined(name) : text.list.ready(name))
    }
    const ids = new Set(next.map(({ id }) => id))
    for (const [id, url] of previews) {
      if (ids.has(id)) continue
      URL.revokeObjectURL(url)
      previews.delete(id)
    }
    images.value = next
    live.update()
  }

  const live = createLive({
    ask: (after, signal) => api.changes(after, signal),
    wanted: () => images.value.some(isInFlight),
    onChanged(changed) {
      const fresh = new Map(changed.map((image) => [image.id, image]))
      // What came from another window is not in the list yet.
      if (changed.some(({ id }) => !images.value.some((known) => known.id === id))) poller?.now()
      show(
        images.value.map((known) => {
          const image = fresh.get(known.id)
          return image ? refresh(known, image, clock()) : known
        }),
      )
    },
  })

  /** While something is in flight only the top of the list is asked for, down to the oldest of those. */
  function wanted(): number {
    const last = images.value.findLastIndex(isInFlight)
    return loaded.value && last >= 0 ? Math.min(pageSize, last + 5) : pageSize
  }

  /**
   * Of five hundred that are in flight a page shows fifty. The oldest of the others are asked for one by one: they are
   * the next to be processed. @returns undefined for those that are gone
   */
  async function stragglers(page: ImagePage): Promise<ReadonlyMap<string, ImageView | undefined>> {
    const onPage = new Set(page.items.map(({ id }) => id))
    const ids = images.value.filter((image) => isInFlight(image) && !onPage.has(image.id)).map(({ id }) => id)
    const answers = ids.slice(-stragglersAtOnce).map(async (id) => {
      try {
        return [id, await api.getImage(id)] as const
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return [id, undefined] as const
        throw error
      }
    })
    return new Map(await Promise.all(answers))
  }

  async function look() {
    const limit = wanted()
    try {
      const page = await api.listImages({ limit })
      const late = await stragglers(page)
      // From here on nothing is awaited: an upload that is accepted meanwhile would be lost from the list.
      const merged = mergePage(images.value, page, clock())
      show(
        merged.flatMap((image) => {
          if (!late.has(image.id)) return image
          const fresh = late.get(image.id)
          return fresh ? refresh(image, fresh, clock()) : []
        }),
      )
      if (!paged && (limit === pageSize || !page.next_cursor)) cursor.value = page.next_cursor
      loaded.value = true
      failure.value = undefined
    } catch (error) {
      if (error instanceof ApiError) failure.value = error
      throw error
    }
  }

  function pause(): number {
    const inFlight = images.value.filter(isInFlight)
    if (inFlight.length === 0) return pace.idle
    if (live.works) return pace.told
    const fresh = inFlight.some(({ received_at }) => clock() - Date.parse(received_at) < patienceMs)
    if (!fresh) return pace.waiting
    return inFlight.length > fewInFlight ? pace.many : pace.few
  }

  return {
    images,
    loaded,
    failure,
    cursor,
    loadingMore,
    erasing,
    previews,
    start() {
      poller ??= createPoller(look, pause)
      return () => {
        live.stop()
        poller?.stop()
        poller = undefined
      }
    },
    retry: () => poller?.now(),

    /** The next page. While one is on its way that one is waited for, so whoever asks in a loop does not spin. */
    more(): Promise<void> {
      if (!cursor.value) return Promise.resolve()
      arriving ??= nextPage(cursor.value)
      return arriving
    },

    /** One image with all its links, for its own page; @throws ApiError */
    async load(id: string): Promise<ListedImage> {
      return { ...(await api.getImage(id)), linkedAt: clock() }
    },

    /** Shows a file at once that the platform has accepted. */
    add({ accepted, name, bytes, type, preview }: AcceptedFile) {
      if (images.value.some(({ id }) => id === accepted.id)) {
        if (preview) URL.revokeObjectURL(preview)
        return
      }
      if (preview) previews.set(accepted.id, preview)
      const at = new Date(clock()).toISOString()
      const image: ListedImage = {
        id: accepted.id,
        status: 'received',
        name,
        image_path: accepted.image_path,
        content_type: type,
        bytes,
        received_at: at,
        expires_at: new Date(clock() + retentionDays * 86_400_000).toISOString(),
        timeline: [{ status: 'received', at }],
        renditions: [],
        linkedAt: clock(),
        acceptedAt: clock(),
        unconfirmed: true,
      }
      images.value = [image, ...images.value]
      live.update()
      if (!live.works) poller?.now()
    },

    /** Everything may be gone: what is there is listed anew. */
    forgetAll() {
      images.value = []
      cursor.value = undefined
      loaded.value = false
      paged = false
      poller?.now()
    },

    /** Photographs that are gone, whoever erased them. */
    drop(ids: Iterable<string>) {
      for (const id of ids) erased.add(id)
      show(images.value)
    },

    /** @throws ApiError where it could not be erased; then it is still there */
    async erase(id: string): Promise<void> {
      erasing.value = new Set([...erasing.value, id])
      try {
        await api.eraseImage(id).catch((error) => {
          // Gone already is what was wanted.
          if (!(error instanceof ApiError) || error.status !== 404) throw error
        })
        erased.add(id)
        show(images.value)
      } finally {
        erasing.value = new Set([...erasing.value].filter((other) => other !== id))
      }
    },
  }
}
