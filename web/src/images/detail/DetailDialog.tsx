/** Everything about one photograph: the picture, what was made from it, and what is known. */
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../../api.ts'
import { Notice } from '../../components/Notice.tsx'
import { text } from '../../text.ts'
import { EraseDialog } from '../EraseDialog.tsx'
import type { Keeping } from '../keeping.ts'
import { isInFlight, type ListedImage } from '../merge.ts'
import { DuplicateBadge, Gone, nameOf, Reason, StatusBadge, TimelineInFull } from '../parts.tsx'
import { FactList } from './FactList.tsx'
import { Links } from './Links.tsx'
import { RenditionTable } from './RenditionTable.tsx'
import { Stage } from './Stage.tsx'
import '../../styles/detail.css'
import '../../styles/links.css'

type DetailDialogProps = { readonly id: string; readonly keeping: Keeping; readonly onClose: () => void }

/** Pause between looks at an image that is still being processed, in milliseconds. */
const lookAgainMs = 400

export function DetailDialog({ id, keeping, onClose }: DetailDialogProps) {
  const store = keeping.live
  const listed = store.images.value.find((image) => image.id === id)
  const [loaded, setLoaded] = useState<ListedImage>()
  const [failure, setFailure] = useState<ApiError>()
  const [erase, setErase] = useState(false)
  const image = loaded ?? listed

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let closed = false
    async function look() {
      try {
        const fresh = await store.load(id)
        if (closed) return
        setLoaded(fresh)
        setFailure(undefined)
        if (isInFlight(fresh)) timer = setTimeout(look, lookAgainMs)
      } catch (error) {
        if (!closed && error instanceof ApiError) setFailure(error)
      }
    }
    void look()
    return () => {
      closed = true
      clearTimeout(timer)
    }
  }, [id, store])

  return (
    <>
      <wa-dialog
        class="detail"
        open
        light-dismiss
        label={image ? nameOf(image) : text.loading}
        onwa-after-hide={onClose}
      >
        {failure && failure.status !== 404 && (
          <Notice kind="bad" title={failure.message}>
            <p class="small">{failure.hint}</p>
          </Notice>
        )}
        {failure?.status === 404 ? (
          <div class="empty">
            <p class="empty-title">{text.detail.gone}</p>
            <p class="quiet">{text.detail.goneHint}</p>
          </div>
        ) : (
          image && (
            <Content
              image={image}
              preview={store.previews.get(id)}
              links={
                loaded?.status === 'processed' && (
                  <Links
                    image={loaded}
                    api={keeping.api}
                    onChange={(links) => setLoaded({ ...loaded, links: [...links] })}
                  />
                )
              }
            />
          )
        )}
        {image && failure?.status !== 404 && (
          <div slot="footer" class="dialog-actions">
            <wa-button variant="danger" appearance="outlined" onClick={() => setErase(true)}>
              {text.erase.action}
            </wa-button>
          </div>
        )}
      </wa-dialog>
      {erase && image && (
        <EraseDialog
          name={nameOf(image)}
          erase={() => keeping.erase(id)}
          onClose={(erased) => {
            setErase(false)
            if (erased) onClose()
          }}
        />
      )}
    </>
  )
}

type ContentProps = {
  readonly image: ListedImage
  readonly preview: string | undefined
  readonly links: ComponentChildren
}

function Content({ image, preview, links }: ContentProps) {
  return (
    <div class="detail-grid">
      <div class="detail-picture">
        <Stage image={image} preview={preview} />
        {image.renditions.length > 0 && <RenditionTable image={image} />}
      </div>
      <div class="detail-side">
        <div class="detail-state">
          <StatusBadge status={image.status} />
          {image.duplicates && image.duplicates.length > 0 && <DuplicateBadge count={image.duplicates.length} />}
          <Gone at={image.expires_at} />
        </div>
        {image.reason && (
          <div class="detail-reason">
            <Reason reason={image.reason} />
            <p class="small quiet">{text.quarantine.kept}</p>
          </div>
        )}
        {isInFlight(image) && <p class="quiet">{text.detail.waiting}</p>}
        <TimelineInFull image={image} />
        {links}
        <FactList image={image} />
      </div>
    </div>
  )
}
