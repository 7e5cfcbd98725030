/** Which photographs are chosen. A range goes from the last one that was touched, as in file managers. */
import { signal } from '@preact/signals'

export type Selection = ReturnType<typeof createSelection>

export function createSelection() {
  const ids = signal<ReadonlySet<string>>(new Set())
  let anchor: string | undefined

  return {
    ids,
    /**
     * @param order ids as they are listed
     * @param range whether all between the last one and this one are meant
     */
    toggle(id: string, order: readonly string[], range: boolean) {
      const next = new Set(ids.value)
      const wanted = !next.has(id)
      const [from, to] = [anchor === undefined ? -1 : order.indexOf(anchor), order.indexOf(id)]
      const touched = range && from >= 0 && to >= 0 ? order.slice(Math.min(from, to), Math.max(from, to) + 1) : [id]
      for (const each of touched) {
        if (wanted || range) next.add(each)
        else next.delete(each)
      }
      anchor = id
      ids.value = next
    },
    all(order: readonly string[]) {
      ids.value = new Set(order)
    },
    clear() {
      if (ids.value.size > 0) ids.value = new Set()
      anchor = undefined
    },
    /** What is gone is not chosen any more. */
    drop(gone: ReadonlySet<string>) {
      if ([...gone].some((id) => ids.value.has(id))) ids.value = new Set([...ids.value].filter((id) => !gone.has(id)))
    },
  }
}
