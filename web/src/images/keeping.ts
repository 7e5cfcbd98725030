/** What the list works with: the live list, what a filter finds, what is chosen, and the use of the quota. */
import { computed, effect, untracked } from '@preact/signals'
import type { Api } from '../api.ts'
import type { BulkProgress } from './bulk.ts'
import { createFoundStore } from './found.ts'
import type { ListedImage } from './merge.ts'
import { createSelection } from './selection.ts'
import type { ImageStore } from './store.ts'
import { createUsageStore } from './usage.ts'
import { isPlain, plainView, type View } from './view.ts'

export type Keeping = ReturnType<typeof createKeeping>

export function createKeeping(api: Api, live: ImageStore) {
  const found = createFoundStore(api)
  const selection = createSelection()
  const usage = createUsageStore(api)
  let view: View = plainView

  /** What the live list knows is newer than what was found. */
  const overlaid = computed<readonly ListedImage[]>(() => {
    const known = new Map(live.images.value.map((image) => [image.id, image]))
    return found.images.value.map((image) => known.get(image.id) ?? image)
  })

  /** Ids and states: figures change with these alone. */
  const state = computed(() => live.images.value.map(({ id, status }) => `${id} ${status}`).join('\n'))

  function gone(ids: readonly string[]) {
    const set = new Set(ids)
    live.drop(ids)
    found.drop(set)
    selection.drop(set)
  }

  return {
    api,
    live,
    found,
    selection,
    usage,
    listed: (plain: boolean) => (plain ? live.images : overlaid),

    /** Shows what the address asks for. */
    look(next: View) {
      view = next
      if (!isPlain(next)) void found.search(next)
      void usage.measure(next)
    },

    /** Follows the live list: figures, and new photographs that a filter lets through. */
    start: () => {
      let first = true
      return effect(() => {
        state.value
        if (first) {
          first = false
          return
        }
        untracked(() => usage.measureSoon(view))
      })
    },

    async erase(id: string): Promise<void> {
      await live.erase(id)
      gone([id])
    },

    async eraseMany(ids: readonly string[], onProgress: (progress: BulkProgress) => void): Promise<BulkProgress> {
      const { eraseInPieces } = await import('./bulk.ts')
      const end = await eraseInPieces(api, ids, (progress, erased) => {
        gone(erased)
        onProgress(progress)
      })
      void usage.measure(view)
      return end
    },
  }
}
