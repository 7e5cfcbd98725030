/** The picture itself; original and recompressed side by side where the browser can show both. */
import '@awesome.me/webawesome/dist/components/comparison/comparison.js'
import { useState } from 'preact/hooks'
import { formatBytes } from '../../format.ts'
import { text } from '../../text.ts'
import { pictureFor, recompressed } from '../facts.ts'
import type { ListedImage } from '../merge.ts'
import { nameOf, Picture } from '../parts.tsx'

/** CSS pixels of the large picture, the longer side. */
const side = 720

/** Formats that browsers show. */
const shows = (type: string) => type !== 'image/tiff'

export function Stage({ image, preview }: { image: ListedImage; preview: string | undefined }) {
  const [compare, setCompare] = useState(false)
  const after = recompressed(image)
  const before = image.original_url
  const comparable = before && after?.url && shows(image.content_type) && shows(after.content_type)
  const ratio = image.metadata && { aspectRatio: `${image.metadata.width} / ${image.metadata.height}` }
  return (
    <figure class="stage">
      {compare && comparable ? (
        <wa-comparison style={ratio}>
          <img slot="before" src={before} alt={`${text.detail.before}: ${nameOf(image)}`} />
          <img slot="after" src={after.url} alt={`${text.detail.after}: ${nameOf(image)}`} />
        </wa-comparison>
      ) : (
        <div class="stage-single" style={ratio}>
          <Picture
            image={image}
            src={pictureFor(image.renditions, side)?.url}
            preview={preview}
            alt={nameOf(image)}
            eager
          />
        </div>
      )}
      {comparable && (
        <figcaption class="stage-caption small quiet">
          <span>
            {compare
              ? `${text.detail.before} ${formatBytes(image.bytes)} · ${text.detail.after} ${formatBytes(after.bytes)}`
              : ''}
          </span>
          <button type="button" class="text-button" aria-pressed={compare} onClick={() => setCompare(!compare)}>
            {compare ? text.detail.single : text.detail.compare}
          </button>
        </figcaption>
      )}
      {compare && <p class="small quiet">{text.detail.compareHint}</p>}
    </figure>
  )
}
