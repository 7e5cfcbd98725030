/** Upload and list together: the page of somebody in the group uploaders. */
import { useEffect } from 'preact/hooks'
import type { WebConfig } from '../../../contract/web.ts'
import { lazy } from '../components/Lazy.tsx'
import { closeImage, openImage } from '../router.ts'
import type { Session } from '../session.ts'
import { text } from '../text.ts'
import { DropArea } from '../upload/DropArea.tsx'
import { QueueList } from '../upload/QueueList.tsx'
import type { UploadQueue } from '../upload/queue.ts'
import { dragging, listenForFiles } from '../upload/sources.ts'
import { BulkEraseDialog, EraseDialog, ImageList } from './ImageList.tsx'
import type { Keeping } from './keeping.ts'
import { QuotaNotice } from './Quota.tsx'
import '../styles/upload.css'
import '../styles/images.css'
import '../styles/list-tools.css'

const DetailDialog = lazy(async () => (await import('./detail/DetailDialog.tsx')).DetailDialog)

export type PhotographsProps = {
  readonly config: WebConfig
  readonly session: Session
  readonly queue: UploadQueue
  readonly keeping: Keeping
}

export function PhotographsPage({ config, session, queue, keeping }: PhotographsProps) {
  const store = keeping.live
  const usage = keeping.usage.usage.value
  useEffect(() => keeping.start(), [keeping])
  useEffect(() => store.start(), [store])
  useEffect(() => listenForFiles(queue.add), [queue])
  useEffect(() => void queue.resume(), [queue])
  useEffect(() => {
    // Dialogs open at once when their code is here already.
    const idle = setTimeout(
      () => void Promise.allSettled([EraseDialog.preload(), BulkEraseDialog.preload(), DetailDialog.preload()]),
      1_500,
    )
    const leaving = (event: BeforeUnloadEvent) => {
      if (queue.busy) event.preventDefault()
    }
    addEventListener('beforeunload', leaving)
    return () => {
      clearTimeout(idle)
      removeEventListener('beforeunload', leaving)
    }
  }, [queue])
  const id = openImage.value
  return (
    <div class="photographs">
      <DropArea config={config} add={queue.add} />
      <QueueList queue={queue} session={session} />
      {usage && <QuotaNotice usage={usage} />}
      <ImageList keeping={keeping} expecting={queue.items.value.length > 0} />
      {dragging.value && (
        <div class="drop-overlay" aria-hidden="true">
          <p>{text.upload.dropNow}</p>
        </div>
      )}
      {id && <DetailDialog key={id} id={id} keeping={keeping} onClose={closeImage} />}
    </div>
  )
}
