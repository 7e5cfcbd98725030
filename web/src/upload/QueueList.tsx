/** What is being sent, how far it is, and what did not work. */
import { RotateCw, X } from 'lucide'
import { useEffect, useState } from 'preact/hooks'
import { online } from '../clock.ts'
import { Icon } from '../components/Icon.tsx'
import { Notice } from '../components/Notice.tsx'
import { formatBytes } from '../format.ts'
import type { Session } from '../session.ts'
import { text } from '../text.ts'
import type { QueueItem, UploadQueue } from './queue.ts'

/** Rows on the screen; a queue of five hundred is told by its summary. */
const shown = 6

export function QueueList({ queue, session }: { queue: UploadQueue; session: Session }) {
  const items = queue.items.value
  const refusals = queue.refusals.value
  const failed = items.filter(({ phase }) => phase === 'failed')
  const moving = items.length - failed.length
  // What failed needs the person; then what moves.
  const rows = [...failed, ...items.filter(({ phase }) => phase !== 'failed')].slice(0, shown)
  return (
    <>
      {refusals.length > 0 && (
        <Notice kind="warn" title={text.upload.refused(refusals.length)} onDismiss={queue.dismissRefusals}>
          <ul class="refusals">
            {refusals.slice(0, shown).map(({ name, why }) => (
              <li key={`${name} ${why}`}>
                <strong>{name}</strong> {why}
              </li>
            ))}
            {refusals.length > shown && <li>{text.upload.more(refusals.length - shown)}</li>}
          </ul>
        </Notice>
      )}
      {items.length > 0 && (
        <section class="queue" aria-label={text.upload.queue}>
          <div class="queue-head">
            <h2 class="small">
              {[
                moving > 0 && text.upload.summary(moving),
                failed.length > 0 && text.upload.failedSummary(failed.length),
              ]
                .filter(Boolean)
                .join(', ')}
            </h2>
            {failed.length > 1 && (
              <button type="button" class="text-button" onClick={() => queue.retryAll()}>
                {text.upload.retryAll}
              </button>
            )}
            {items.length > 1 && (
              <button type="button" class="text-button" onClick={() => queue.cancelAll()}>
                {text.upload.cancelAll}
              </button>
            )}
          </div>
          <ul>
            {rows.map((item) => (
              <QueueRow key={item.id} item={item} queue={queue} session={session} />
            ))}
          </ul>
          {items.length > shown && <p class="queue-rest quiet small">{text.upload.more(items.length - shown)}</p>}
        </section>
      )}
    </>
  )
}

type QueueRowProps = { readonly item: QueueItem; readonly queue: UploadQueue; readonly session: Session }

function QueueRow({ item, queue, session }: QueueRowProps) {
  const { id, name, bytes, phase, progress, error } = item
  const waits = phase !== 'failed' && (session.state.value === 'expired' ? 'signed-out' : !online.value && 'offline')
  const percent = Math.round(progress * 100)
  return (
    <li class={`queue-row ${phase}`}>
      <Preview file={item.file} />
      <div class="queue-body">
        <p class="queue-name">{name}</p>
        {error ? (
          <p class="queue-error small">
            {error.message} {error.hint}{' '}
            {error.requestId && <span class="mono">{text.problem.request(error.requestId)}</span>}
          </p>
        ) : (
          <div
            class="bar"
            role="progressbar"
            aria-label={name}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent}
          >
            <div class="bar-fill" style={{ inlineSize: `${percent}%` }} />
          </div>
        )}
      </div>
      <p class="queue-phase small quiet figures">
        {text.upload.phase[waits || phase]}
        {phase === 'sending' && !waits && ` ${percent} %`}
        <span class="queue-bytes">{formatBytes(bytes)}</span>
      </p>
      <div class="queue-actions">
        {phase === 'failed' && (
          <button
            type="button"
            class="icon-button"
            title={text.upload.retry}
            aria-label={text.upload.retryNamed(name)}
            onClick={() => queue.retry(id)}
          >
            <Icon node={RotateCw} />
          </button>
        )}
        <button
          type="button"
          class="icon-button"
          aria-label={phase === 'failed' ? text.upload.remove(name) : text.upload.cancel(name)}
          onClick={() => queue.cancel(id)}
        >
          <Icon node={X} />
        </button>
      </div>
    </li>
  )
}

function Preview({ file }: { file: Blob }) {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return (
    <div class="queue-picture">
      {url && (
        <img src={url} alt="" decoding="async" onError={({ currentTarget }) => currentTarget.classList.add('broken')} />
      )}
    </div>
  )
}
