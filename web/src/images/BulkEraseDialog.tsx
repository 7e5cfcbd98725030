/** Asks before many photographs are erased, shows how far it is, and tells apart what could not be erased. */
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { useState } from 'preact/hooks'
import { announce } from '../announce.ts'
import { Notice } from '../components/Notice.tsx'
import { formatCount } from '../format.ts'
import { text } from '../text.ts'
import { type BulkProgress, reasonsOf } from './bulk.ts'

export type EraseMany = (ids: readonly string[], onProgress: (progress: BulkProgress) => void) => Promise<BulkProgress>

type BulkEraseDialogProps = {
  readonly ids: readonly string[]
  readonly erase: EraseMany
  readonly onClose: () => void
}

export function BulkEraseDialog({ ids: asked, erase, onClose }: BulkEraseDialogProps) {
  const [ids, setIds] = useState(asked)
  const [progress, setProgress] = useState<BulkProgress>()
  const [running, setRunning] = useState(false)
  const failed = running ? [] : (progress?.failed ?? [])

  async function run(these: readonly string[]) {
    setIds(these)
    setRunning(true)
    setProgress({ total: these.length, erased: 0, failed: [] })
    const end = await erase(these, setProgress)
    setProgress(end)
    setRunning(false)
    announce(text.bulk.done(formatCount(end.erased)))
    if (end.failed.length === 0) onClose()
  }
  const count = formatCount(ids.length)
  return (
    <wa-dialog
      class="erase"
      open
      label={text.bulk.title(count)}
      onwa-hide={(event) => running && event.preventDefault()}
      onwa-after-hide={onClose}
    >
      {!progress && <p>{text.bulk.body(count)}</p>}
      {progress && (
        <div class="bulk-progress">
          <progress
            class="bulk-bar"
            aria-label={text.bulk.running}
            max={progress.total}
            value={progress.erased + progress.failed.length}
          />
          <p class="figures" role="status">
            {text.bulk.progress(formatCount(progress.erased), formatCount(progress.total))}
          </p>
        </div>
      )}
      {failed.length > 0 && (
        <Notice kind="bad" title={text.bulk.failed(formatCount(failed.length))}>
          <ul class="small">
            {reasonsOf(failed).map(({ detail, count: times }) => (
              <li key={detail}>{text.bulk.reason(detail, formatCount(times))}</li>
            ))}
          </ul>
          <p class="small">{text.bulk.failedHint}</p>
        </Notice>
      )}
      <div slot="footer" class="dialog-actions">
        <wa-button autofocus variant="neutral" appearance="outlined" disabled={running} onClick={onClose}>
          {failed.length > 0 ? text.bulk.close : text.bulk.keep}
        </wa-button>
        {failed.length > 0 ? (
          <wa-button variant="danger" appearance="accent" onClick={() => void run(failed.map(({ id }) => id))}>
            {text.bulk.again}
          </wa-button>
        ) : (
          <wa-button variant="danger" appearance="accent" loading={running} onClick={() => void run(ids)}>
            {text.bulk.confirm(count)}
          </wa-button>
        )}
      </div>
    </wa-dialog>
  )
}
