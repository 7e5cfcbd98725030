/** A long list, a page at a time: a thousand rows at once would be slow to lay out. */
import { formatCount } from '../format.ts'
import { words } from './text.ts'

export const rowsOfPage = 100

type PagesProps = { readonly count: number; readonly page: number; readonly show: (page: number) => void }

/** Nothing where everything fits on one page. */
export function Pages({ count, page, show }: PagesProps) {
  const last = Math.max(0, Math.ceil(count / rowsOfPage) - 1)
  if (last === 0) return null
  const from = page * rowsOfPage + 1
  const to = Math.min(count, (page + 1) * rowsOfPage)
  return (
    <nav class="pages small" aria-label={words.pages.label}>
      <button type="button" class="action" disabled={page === 0} onClick={() => show(page - 1)}>
        {words.pages.before}
      </button>
      <span>{words.pages.range(formatCount(from), formatCount(to), formatCount(count))}</span>
      <button type="button" class="action" disabled={page >= last} onClick={() => show(page + 1)}>
        {words.pages.after}
      </button>
    </nav>
  )
}
