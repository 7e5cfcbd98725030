/** How much of the quota is used, how many match the filter, and what there is to choose from. */
import { signal } from '@preact/signals'
import type { Usage } from '../../../contract/personal-schemas.ts'
import { type Api, ApiError } from '../api.ts'
import { apiQuery, type View } from './view.ts'

/** Uploads come in swarms; one question after them will do. */
const quietMs = 600

export type UsageStore = ReturnType<typeof createUsageStore>

export function createUsageStore(api: Pick<Api, 'usage'>) {
  const usage = signal<Usage | undefined>(undefined)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = new AbortController()

  async function measure(view: View): Promise<void> {
    asking.abort()
    asking = new AbortController()
    const { signal: stopped } = asking
    try {
      const { order: _order, ...filter } = apiQuery(view)
      const answer = await api.usage(filter, stopped)
      if (!stopped.aborted) usage.value = answer
    } catch (error) {
      // The list says what does not answer; figures that are missing are left out.
      if (!stopped.aborted && !(error instanceof ApiError)) throw error
    }
  }

  return {
    usage,
    /** Soon, once for several changes. */
    measureSoon(view: View) {
      clearTimeout(timer)
      timer = setTimeout(() => void measure(view), quietMs)
    },
    measure(view: View) {
      clearTimeout(timer)
      return measure(view)
    },
  }
}

export type QuotaState = 'fine' | 'near' | 'full'

/** Where a person stands with their quota. `near` from four fifths on. */
export function quotaState({ images, bytes, quota }: Pick<Usage, 'images' | 'bytes' | 'quota'>): QuotaState {
  const share = quotaShare({ images, bytes, quota })
  return share >= 1 ? 'full' : share >= 0.8 ? 'near' : 'fine'
}

/** The greater of the two shares that are used up, 0 to 1 and beyond. */
export const quotaShare = ({ images, bytes, quota }: Pick<Usage, 'images' | 'bytes' | 'quota'>): number =>
  Math.max(images / quota.images, bytes / quota.bytes)
