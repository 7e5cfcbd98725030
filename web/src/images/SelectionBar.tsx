/** What is chosen, and what can be done with it. It stands at the foot of the window while anything is chosen. */
import { CheckCheck, Trash2, X } from 'lucide'
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../components/Icon.tsx'
import { formatCount } from '../format.ts'
import { text } from '../text.ts'

type SelectionBarProps = {
  readonly count: number
  /** Known to match, listed or not yet; undefined while it is not known. */
  readonly matching: number | undefined
  /** All that is listed is chosen, and there is no more to list. */
  readonly complete: boolean
  readonly selectAll: () => Promise<void>
  readonly clear: () => void
  readonly erase: () => void
}

export function SelectionBar({ count, matching, complete, selectAll, clear, erase }: SelectionBarProps) {
  const [loading, setLoading] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('wa-dialog[open]')) clear()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [clear])
  async function all() {
    setLoading(true)
    try {
      await selectAll()
    } finally {
      setLoading(false)
    }
  }
  return (
    <section class="selection-bar" aria-label={text.select.label}>
      <p class="selection-count figures" role="status">
        {text.select.count(formatCount(count))}
      </p>
      {!complete && (
        <button type="button" class="text-button" disabled={loading} onClick={() => void all()}>
          <Icon node={CheckCheck} />
          {loading
            ? text.select.loading
            : matching === undefined
              ? text.select.everything
              : text.select.all(formatCount(matching))}
        </button>
      )}
      <span class="selection-end">
        <wa-button variant="danger" appearance="accent" size="s" onClick={erase}>
          <Icon slot="start" node={Trash2} />
          {text.select.erase}
        </wa-button>
        <button
          type="button"
          class="icon-button"
          title={text.select.clear}
          aria-label={text.select.clear}
          onClick={clear}
        >
          <Icon node={X} />
        </button>
      </span>
    </section>
  )
}
