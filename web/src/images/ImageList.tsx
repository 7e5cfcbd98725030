/** The list of one's photographs, with its empty, loading and error states. */
import { Images } from 'lucide'
import { useMemo, useState } from 'preact/hooks'
import { Icon } from '../components/Icon.tsx'
import { lazy } from '../components/Lazy.tsx'
import { Notice } from '../components/Notice.tsx'
import { text } from '../text.ts'
import { duplicateCounts } from './facts.ts'
import { ImageRow } from './ImageRow.tsx'
import type { ListedImage } from './merge.ts'
import { nameOf } from './parts.tsx'
import type { ImageStore } from './store.ts'

export const EraseDialog = lazy(async () => (await import('./EraseDialog.tsx')).EraseDialog)

/** @param expecting something is being sent, so that an empty list need not invite to it */
export function ImageList({ store, expecting }: { store: ImageStore; expecting: boolean }) {
  const [asked, setAsked] = useState<ListedImage>()
  const images = store.images.value
  const failure = store.failure.value
  const duplicates = useMemo(() => duplicateCounts(images), [images])
  const more = store.cursor.value !== undefined
  return (
    <section aria-labelledby="list-heading" class="list">
      <div class="list-head">
        <h1 id="list-heading">{text.list.heading}</h1>
        {images.length > 0 && <span class="list-count quiet figures">{text.list.count(images.length, more)}</span>}
      </div>
      {failure && !store.loaded.value && (
        <Notice
          kind="bad"
          title={text.list.failed}
          actions={
            <wa-button size="s" appearance="outlined" onClick={store.retry}>
              {text.list.retry}
            </wa-button>
          }
        >
          <p class="small">
            {failure.message} {failure.hint}
          </p>
        </Notice>
      )}
      {!store.loaded.value && !failure && images.length === 0 && <Skeleton />}
      {store.loaded.value && images.length === 0 && !expecting && (
        <div class="empty">
          <Icon node={Images} class="empty-icon" />
          <p class="empty-title">{text.list.empty}</p>
          <p class="quiet">{text.list.emptyHint}</p>
        </div>
      )}
      {images.length > 0 && (
        <ul class="rows">
          {images.map((image) => (
            <ImageRow
              key={image.id}
              image={image}
              preview={store.previews.get(image.id)}
              duplicates={duplicates.get(image.id) ?? 0}
              erasing={store.erasing.value.has(image.id)}
              onErase={setAsked}
            />
          ))}
        </ul>
      )}
      {more && (
        <div class="list-more">
          <wa-button
            variant="neutral"
            appearance="outlined"
            loading={store.loadingMore.value}
            onClick={() => void store.more()}
          >
            {text.list.more}
          </wa-button>
        </div>
      )}
      {asked && (
        <EraseDialog name={nameOf(asked)} erase={() => store.erase(asked.id)} onClose={() => setAsked(undefined)} />
      )}
    </section>
  )
}

const Skeleton = () => (
  <ul class="rows" aria-busy="true" aria-label={text.loading}>
    {[0, 1, 2].map((row) => (
      <li key={row} class="row">
        <div class="row-picture skeleton" />
        <div class="row-main">
          <div class="skeleton line wide" />
          <div class="skeleton line" />
          <div class="skeleton line short" />
        </div>
      </li>
    ))}
  </ul>
)
