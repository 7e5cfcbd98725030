/** The picture itself; original and recompressed over each other where the browser can show both. */
import { useState } from 'preact/hooks'
import { formatBytes } from '../../format.ts'
import { text } from '../../text.ts'
import { pictureFor, recompressed } from '../facts.ts'
import type { ListedImage } from '../merge.ts'
import { nameOf, Picture } from '../parts.tsx'
import { Compare } from './Compare.tsx'

/** CSS pixels of the large picture, and of the one that lists show, the longer side. */
const side = { large: 720, list: 128 }

/** Formats that browsers show. */
const shows = (type: string) => type !== 'image/tiff'

export function Stage({ image, preview }: { image: ListedImage; preview: string | undefined }) {
  const [compare, setCompare] = useState(false)
  const after = recompressed(image)
  const before = image.original_url
  const both = before && after?.url && shows(image.content_type) && shows(after.content_type)
  return (
    <figure class="stage">
      <div class="stage-frame" style={frame(image)}>
        {compare && both ? (
          <Compare before={before} after={after.url ?? ''} name={nameOf(image)} />
        ) : (
          <Picture
            image={image}
            src={pictureFor(image.renditions, side.large)?.url}
            under={pictureFor(image.renditions, side.list)?.url}
            preview={preview}
            alt={nameOf(image)}
            eager
          />
        )}
      </div>
      {both && (
        <figcaption class="stage-caption small quiet">
          <span class="figures">
            {text.detail.before} {formatBytes(image.bytes)} · {text.detail.after} {formatBytes(after.bytes)}
          </span>
          <button type="button" class="text-button" aria-pressed={compare} onClick={() => setCompare(!compare)}>
            {compare ? text.detail.single : text.detail.compare}
          </button>
        </figcaption>
      )}
    </figure>
  )
}

/** As large as the picture wants to be, but never wider than the dialog nor taller than most of the window. */
function frame({ metadata }: ListedImage) {
  if (!metadata) return {}
  const ratio = metadata.width / metadata.height
  return { aspectRatio: String(ratio), maxInlineSize: `calc(62dvh * ${ratio.toFixed(4)})` }
}
