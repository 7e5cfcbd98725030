/** One photograph in the list. */
import { Trash2 } from 'lucide'
import { Component } from 'preact'
import { Icon } from '../components/Icon.tsx'
import { formatCount, formatType } from '../format.ts'
import { imageAddress } from '../router.ts'
import { text } from '../text.ts'
import { cameraName, pictureFor } from './facts.ts'
import type { ListedImage } from './merge.ts'
import { DuplicateBadge, Gone, nameOf, Picture, Position, Reason, Sizes, StatusBadge, Timeline } from './parts.tsx'

export type ImageRowProps = {
  readonly image: ListedImage
  readonly preview: string | undefined
  readonly duplicates: number
  readonly erasing: boolean
  readonly selected: boolean
  /** The same function each time. */
  readonly onErase: (image: ListedImage) => void
  /** @param range with the shift key: all from the last one on */
  readonly onSelect: (image: ListedImage, range: boolean) => void
}

/** CSS pixels of a row's picture, the longer side. */
const pictureSide = 128

/** A class for one thing: of five thousand rows only those whose image has changed are made anew. */
export class ImageRow extends Component<ImageRowProps> {
  override shouldComponentUpdate(next: ImageRowProps): boolean {
    return (Object.keys(next) as (keyof ImageRowProps)[]).some((name) => next[name] !== this.props[name])
  }

  override render({ image, preview, duplicates, erasing, selected, onErase, onSelect }: ImageRowProps) {
    const name = nameOf(image)
    return (
      <li class={`row ${image.status}${selected ? ' selected' : ''}`} aria-busy={erasing} data-image={image.id}>
        <label class="row-select">
          <input
            type="checkbox"
            checked={selected}
            aria-label={text.select.named(name)}
            // A click by the space bar tells of the shift key too.
            onClick={(event) => onSelect(image, event.shiftKey)}
          />
        </label>
        {/* biome-ignore lint/a11y/useAnchorContent: the name beside it is the same link, for keyboard and screen reader */}
        <a class="row-picture" href={imageAddress(image.id)} tabIndex={-1} aria-hidden="true">
          <Picture image={image} src={pictureFor(image.renditions, pictureSide)?.url} preview={preview} alt="" />
        </a>
        <div class="row-main">
          <div class="row-title">
            <h3>
              <a href={imageAddress(image.id)} aria-label={text.list.open(name)}>
                {name}
              </a>
            </h3>
            <StatusBadge status={image.status} />
            {duplicates > 0 && <DuplicateBadge count={duplicates} />}
          </div>
          {image.reason ? <Reason reason={image.reason} /> : <Facts image={image} />}
          <div class="row-path small quiet">
            <Timeline image={image} />
            {image.event && <Position event={image.event} />}
          </div>
        </div>
        <div class="row-figures small">
          <Sizes image={image} />
          <Gone at={image.expires_at} />
        </div>
        <button
          type="button"
          class="icon-button danger row-erase"
          title={text.erase.action}
          aria-label={text.erase.named(name)}
          disabled={erasing}
          onClick={() => onErase(image)}
        >
          <Icon node={Trash2} />
        </button>
      </li>
    )
  }
}

function Facts({ image: { metadata, content_type } }: { image: ListedImage }) {
  if (!metadata) return <p class="row-facts small quiet">{formatType(content_type)}</p>
  const camera = cameraName(metadata)
  return (
    <p class="row-facts small quiet">
      <span class="swatch" style={{ backgroundColor: metadata.dominant_color }} title={metadata.dominant_color} />
      <span class="figures">
        {formatCount(metadata.width)} × {formatCount(metadata.height)}
      </span>
      <span>{formatType(content_type)}</span>
      {camera && <span>{camera}</span>}
    </p>
  )
}
