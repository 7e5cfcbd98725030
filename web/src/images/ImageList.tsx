/** The list of one's photographs: what is found, in which order, what is chosen, and its empty and error states. */
import { Images } from 'lucide'
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { Icon } from '../components/Icon.tsx'
import { lazy } from '../components/Lazy.tsx'
import { Notice } from '../components/Notice.tsx'
import { formatBytes, formatCount } from '../format.ts'
import { navigate, path, query } from '../router.ts'
import { text } from '../text.ts'
import type { EraseMany } from './BulkEraseDialog.tsx'
import { duplicateCounts } from './facts.ts'
import { ImageRow } from './ImageRow.tsx'
import type { Keeping } from './keeping.ts'
import type { ListedImage } from './merge.ts'
import { nameOf } from './parts.tsx'
import { Rows } from './Rows.tsx'
import { SelectionBar } from './SelectionBar.tsx'
import { Toolbar } from './Toolbar.tsx'
import { isFiltered, isPlain, readView, writeView } from './view.ts'

export const EraseDialog = lazy(async () => (await import('./EraseDialog.tsx')).EraseDialog)
export const BulkEraseDialog = lazy(async () => (await import('./BulkEraseDialog.tsx')).BulkEraseDialog)

/** @param expecting something is being sent, so that an empty list need not invite to it */
export function ImageList({ keeping, expecting }: { keeping: Keeping; expecting: boolean }) {
  const { live, found, selection, usage } = keeping
  const [asked, setAsked] = useState<ListedImage>()
  const [bulk, setBulk] = useState<readonly string[]>()
  const written = writeView(readView(query.value))
  const view = useMemo(() => readView(written), [written])
  const filtered = isFiltered(view)
  const source = isPlain(view) ? live : found
  const images = keeping.listed(source === live).value
  const failure = source.failure.value
  const duplicates = useMemo(() => duplicateCounts(images), [images])
  const order = useMemo(() => images.map(({ id }) => id), [images])
  const more = source.cursor.value !== undefined
  const chosen = selection.ids.value
  const figures = usage.usage.value
  const measured = figures && (filtered ? figures.matching : figures)
  // Measured before the newest uploads, it says less than the list shows.
  const total = measured && measured.images >= images.length ? measured : undefined

  useEffect(() => {
    selection.clear()
    keeping.look(view)
  }, [keeping, selection, view])
  const select = useCallback(
    ({ id }: ListedImage, range: boolean) => selection.toggle(id, order, range),
    [selection, order],
  )
  const loadMore = useCallback(() => void source.more(), [source])

  async function selectAll() {
    // Pages that are listed meanwhile are part of it.
    while (source.cursor.value !== undefined && !source.failure.value) await source.more()
    selection.all(keeping.listed(source === live).value.map(({ id }) => id))
  }
  const eraseMany: EraseMany = (ids, onProgress) => keeping.eraseMany(ids, onProgress)
  return (
    <section aria-labelledby="list-heading" class="list">
      <div class="list-head">
        <h1 id="list-heading">{text.list.heading}</h1>
        {images.length > 0 && (
          <span class="list-count quiet figures">
            {total ? formatCount(total.images) : text.list.count(images.length, more)}
            {total && total.images > 0 && <span class="list-bytes"> · {formatBytes(total.bytes)}</span>}
          </span>
        )}
      </div>
      {(images.length > 0 || !isPlain(view)) && <Toolbar view={view} usage={figures} />}
      {failure && !source.loaded.value && (
        <Notice
          kind="bad"
          title={text.list.failed}
          actions={
            <wa-button size="s" appearance="outlined" onClick={() => void source.retry()}>
              {text.list.retry}
            </wa-button>
          }
        >
          <p class="small">
            {failure.message} {failure.hint}
          </p>
        </Notice>
      )}
      {!source.loaded.value && !failure && images.length === 0 && <Skeleton />}
      {source.loaded.value && images.length === 0 && !more && (filtered || !expecting) && (
        <div class="empty">
          <Icon node={Images} class="empty-icon" />
          <p class="empty-title">{filtered ? text.filter.none : text.list.empty}</p>
          <p class="quiet">{filtered ? text.filter.noneHint : text.list.emptyHint}</p>
          {filtered && (
            <wa-button appearance="outlined" onClick={() => navigate(path.value)}>
              {text.filter.clear}
            </wa-button>
          )}
        </div>
      )}
      {images.length > 0 && (
        <div class={chosen.size > 0 ? 'selecting' : undefined}>
          <Rows
            images={images}
            onEnd={more && !source.loadingMore.value && !failure ? loadMore : undefined}
            row={(image) => (
              <ImageRow
                key={image.id}
                image={image}
                preview={live.previews.get(image.id)}
                duplicates={duplicates.get(image.id) ?? 0}
                erasing={live.erasing.value.has(image.id)}
                selected={chosen.has(image.id)}
                onErase={setAsked}
                onSelect={select}
              />
            )}
          />
        </div>
      )}
      {more && (
        <div class="list-more">
          <wa-button variant="neutral" appearance="outlined" loading={source.loadingMore.value} onClick={loadMore}>
            {text.list.more}
          </wa-button>
        </div>
      )}
      {chosen.size > 0 && (
        <SelectionBar
          count={chosen.size}
          matching={total?.images}
          complete={!more && chosen.size >= images.length}
          selectAll={selectAll}
          clear={selection.clear}
          erase={() => setBulk([...chosen])}
        />
      )}
      {asked && (
        <EraseDialog name={nameOf(asked)} erase={() => keeping.erase(asked.id)} onClose={() => setAsked(undefined)} />
      )}
      {bulk && <BulkEraseDialog ids={bulk} erase={eraseMany} onClose={() => setBulk(undefined)} />}
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
