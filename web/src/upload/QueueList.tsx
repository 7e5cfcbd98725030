/** What is being sent, how far it is, and what did not work. */
import { RotateCw, X } from 'lucide'
import { useEffect, useState } from 'preact/hooks'
import { online } from '../clock.ts'
import { Icon } from '../components/Icon.tsx'
import { Notice } from '../components/Notice.tsx'
import { formatAgo, formatBytes } from '../format.ts'
import type { Session } from '../session.ts'
import { text } from '../text.ts'
import type { QueueItem, Refusal, Twin } from './item.ts'
import type { UploadQueue } from './queue.ts'
import { UnfinishedList } from './UnfinishedList.tsx'

/** Rows on the screen; a queue of five hundred is told by its summary. */
const shown = 6

export function QueueList({ queue, session }: { queue: UploadQueue; session: Session }) {
  const items = queue.items.value
  const refusals = queue.refusals.value
  const failed = items.filter(({ phase }) => phase === 'failed')
  const held = items.filter(({ phase }) => phase === 'duplicate')
  const moving = items.length - failed.length - held.length
  const rows = mostTelling(items).slice(0, shown)
  return (
    <>
      <UnfinishedList queue={queue} />
      {refusals.length > 0 && (
        <Notice kind="warn" title={text.upload.refused(refusals.length)} onDismiss={queue.dismissRefusals}>
          <Refusals refusals={refusals.slice(0, shown)} />
          {refusals.length > shown && (
            <details class="small">
              <summary>{text.upload.more(refusals.length - shown)}</summary>
              <Refusals refusals={refusals.slice(shown)} />
            </details>
          )}
        </Notice>
      )}
      {items.length > 0 && (
        <section class="queue" aria-label={text.upload.queue}>
          <div class="queue-head">
            <h2 class="small">
              {[
                moving > 0 && text.upload.summary(moving),
                held.length > 0 && text.upload.duplicatesSummary(held.length),
                failed.length > 0 && text.upload.failedSummary(failed.length),
              ]
                .filter(Boolean)
                .join(', ')}
            </h2>
            {held.length > 1 && (
              <>
                <button type="button" class="text-button" onClick={() => queue.skipAll()}>
                  {text.upload.skipAll}
                </button>
                <button type="button" class="text-button" onClick={() => queue.sendAllAnyway()}>
                  {text.upload.sendAllAnyway}
                </button>
              </>
            )}
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

/** What needs the person comes first, then what moves, then what waits. */
function mostTelling(items: readonly QueueItem[]): QueueItem[] {
  const rank = ({ phase }: QueueItem) =>
    phase === 'failed' ? 0 : phase === 'duplicate' ? 1 : phase === 'waiting' || phase === 'looking' ? 3 : 2
  return [0, 1, 2, 3].flatMap((place) => items.filter((item) => rank(item) === place))
}

const Refusals = ({ refusals }: { refusals: readonly Refusal[] }) => (
  <ul class="refusals">
    {refusals.map(({ name, why }) => (
      <li key={`${name} ${why}`}>
        <strong>{name}</strong> {why}
      </li>
    ))}
  </ul>
)

type QueueRowProps = { readonly item: QueueItem; readonly queue: UploadQueue; readonly session: Session }

function QueueRow({ item, queue, session }: QueueRowProps) {
  const { id, name, bytes, phase, progress, error, twin, resumed } = item
  const asks = phase === 'failed' || phase === 'duplicate'
  const waits = !asks && (session.state.value === 'expired' ? 'signed-out' : !online.value && 'offline')
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
        ) : twin ? (
          <p class="quiet small">{twinWords(twin)}</p>
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
        <span class="queue-bytes">
          {formatBytes(bytes)}
          {resumed && !asks && `, ${text.upload.resumed}`}
        </span>
      </p>
      <div class="queue-actions">
        {phase === 'duplicate' && (
          <>
            <button
              type="button"
              class="text-button"
              aria-label={text.upload.skipNamed(name)}
              onClick={() => queue.cancel(id)}
            >
              {text.upload.skip}
            </button>
            <button
              type="button"
              class="text-button"
              aria-label={text.upload.sendNamedAnyway(name)}
              onClick={() => queue.sendAnyway(id)}
            >
              {text.upload.sendAnyway}
            </button>
          </>
        )}
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
        {phase !== 'duplicate' && (
          <button
            type="button"
            class="icon-button"
            aria-label={phase === 'failed' ? text.upload.remove(name) : text.upload.cancel(name)}
            onClick={() => queue.cancel(id)}
          >
            <Icon node={X} />
          </button>
        )}
      </div>
    </li>
  )
}

const twinWords = ({ name, at }: Twin) =>
  at === undefined
    ? text.upload.twinHere(name)
    : text.upload.twinThere(name, formatAgo(Math.max(0, Date.now() - Date.parse(at))))

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
