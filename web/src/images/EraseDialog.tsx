/** Asks before a photograph is erased. */
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { useState } from 'preact/hooks'
import { announce } from '../announce.ts'
import { ApiError } from '../api.ts'
import { Notice } from '../components/Notice.tsx'
import { text } from '../text.ts'

type EraseDialogProps = {
  readonly name: string
  readonly erase: () => Promise<void>
  readonly onClose: (erased: boolean) => void
}

export function EraseDialog({ name, erase, onClose }: EraseDialogProps) {
  const [running, setRunning] = useState(false)
  const [error, setError] = useState<ApiError>()

  async function confirm() {
    setRunning(true)
    setError(undefined)
    try {
      await erase()
      announce(text.erase.done(name))
      onClose(true)
    } catch (failure) {
      setError(failure instanceof ApiError ? failure : new ApiError(0, {}))
      setRunning(false)
    }
  }
  return (
    <wa-dialog class="erase" open label={text.erase.title(name)} onwa-after-hide={() => onClose(false)}>
      <p>{text.erase.body}</p>
      {error && (
        <Notice kind="bad" title={text.erase.failed}>
          <p class="small">
            {error.message} {error.hint}
          </p>
        </Notice>
      )}
      <div slot="footer" class="dialog-actions">
        <wa-button autofocus variant="neutral" appearance="outlined" disabled={running} onClick={() => onClose(false)}>
          {text.erase.keep}
        </wa-button>
        <wa-button variant="danger" appearance="accent" loading={running} onClick={() => void confirm()}>
          {text.erase.confirm}
        </wa-button>
      </div>
    </wa-dialog>
  )
}
