/** What is known of a photograph, and where it is. */
import type { ComponentChildren } from 'preact'
import type { ImageView } from '../../../../contract/schemas.ts'
import { formatBytes, formatCount, formatDateTime, formatDuration, formatExact, formatShare } from '../../format.ts'
import { imageAddress } from '../../router.ts'
import { text } from '../../text.ts'
import { cameraName } from '../facts.ts'
import { Position } from '../parts.tsx'

type Fact = readonly [label: string, value: ComponentChildren]

export function FactList({ image }: { image: ImageView }) {
  return (
    <section>
      <h3>{text.detail.facts}</h3>
      <dl class="facts">
        {factsOf(image)
          .filter(([, value]) => value !== undefined)
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}

function factsOf(image: ImageView): Fact[] {
  const { fact, yes, no, gpsYes } = text.detail
  const { metadata: meta, bytes_saved: saved, event, duplicates } = image
  return [
    [fact.dimensions, meta && `${formatCount(meta.width)} × ${formatCount(meta.height)}`],
    [fact.format, meta?.format.toUpperCase()],
    [fact.bytes, formatBytes(image.bytes)],
    [
      fact.saved,
      saved !== undefined && `${formatBytes(Math.max(0, saved))} (${formatShare(Math.max(0, saved) / image.bytes)})`,
    ],
    [fact.camera, meta && cameraName(meta)],
    [fact.captured, meta?.captured_at && formatDateTime(meta.captured_at)],
    [fact.colorSpace, meta?.color_space],
    [
      fact.dominant,
      meta && (
        <>
          <span class="swatch" style={{ backgroundColor: meta.dominant_color }} />{' '}
          <span class="mono">{meta.dominant_color}</span>
        </>
      ),
    ],
    [fact.frames, meta && meta.frames > 1 ? formatCount(meta.frames) : undefined],
    [fact.alpha, meta && (meta.has_alpha ? yes : no)],
    [fact.gps, meta && (meta.has_gps ? gpsYes : no)],
    [fact.processing, image.processing_ms !== undefined && formatDuration(image.processing_ms)],
    [fact.stream, event && <Position event={event} />],
    [
      fact.duplicates,
      duplicates && duplicates.length > 0
        ? duplicates.map((id) => (
            <a key={id} class="mono" href={imageAddress(id)}>
              {id.slice(0, 8)}
            </a>
          ))
        : undefined,
    ],
    [fact.purge, formatExact(image.expires_at)],
    [fact.path, <span class="mono">{image.image_path}</span>],
    [fact.checksum, image.sha256 && <span class="mono">{image.sha256}</span>],
  ].map(([label, value]) => [String(label), value === false || value === '' ? undefined : value] as Fact)
}
