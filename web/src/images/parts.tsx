/** Parts that the list and the detail view share. */
import { Copy, ImageOff } from 'lucide'
import { useState } from 'preact/hooks'
import type { ImageView } from '../../../contract/schemas.ts'
import { now } from '../clock.ts'
import { Icon } from '../components/Icon.tsx'
import { formatBytes, formatClock, formatExact, formatRemaining, formatShare } from '../format.ts'
import { text } from '../text.ts'
import { remaining, steps } from './facts.ts'
import { placeholder } from './placeholder.ts'

export const nameOf = (image: ImageView): string => image.name ?? text.list.unnamed

export const StatusBadge = ({ status }: { status: ImageView['status'] }) => (
  <span class={`badge ${status}`}>
    <span class="badge-dot" aria-hidden="true" />
    {text.status[status]}
  </span>
)

export const DuplicateBadge = ({ count }: { count: number }) => (
  <span class="badge duplicate" title={text.duplicateHint}>
    <Icon node={Copy} />
    {text.duplicate(count)}
  </span>
)

type PictureProps = {
  readonly image: ImageView
  readonly src: string | undefined
  /** The person's own file, while there is no rendition. */
  readonly preview?: string | undefined
  /** A smaller one that is here already. */
  readonly under?: string | undefined
  readonly alt: string
  readonly eager?: boolean
}

/** Placeholder first, then the picture over it. */
export function Picture({ image, src, preview, under, alt, eager = false }: PictureProps) {
  const address = src ?? preview
  const blur = image.metadata && placeholder(image.metadata.thumbhash)
  return (
    <div class="picture" style={{ backgroundColor: image.metadata?.dominant_color }}>
      {blur && <img class="picture-blur" src={blur} alt="" />}
      {under && under !== address && <img class="picture-blur" src={under} alt="" />}
      {address ? (
        <Loaded key={address} src={address} alt={alt} eager={eager} />
      ) : (
        !blur && <Icon node={ImageOff} class="picture-none" />
      )}
    </div>
  )
}

/** Keyed by its address, so that another picture starts unseen. */
function Loaded({ src, alt, eager }: { src: string; alt: string; eager: boolean }) {
  const [state, setState] = useState<'loading' | 'shown' | 'broken'>('loading')
  if (state === 'broken') return <Icon node={ImageOff} class="picture-none" />
  return (
    <img
      class={`picture-image ${state}`}
      src={src}
      alt={alt}
      loading={eager ? 'eager' : 'lazy'}
      decoding="async"
      onLoad={() => setState('shown')}
      onError={() => setState('broken')}
    />
  )
}

export const Timeline = ({ image }: { image: ImageView }) => (
  <ol class="timeline" aria-label={text.timeline}>
    {steps(image).map(({ status, at, since }) => (
      <li key={status} class={`step ${status}`}>
        {since && <span class="step-since figures">{since}</span>}
        <span class="step-name" title={formatExact(at)}>
          {text.stage[status]}
        </span>
      </li>
    ))}
    {remaining(image).map((status) => (
      <li key={status} class="step to-come">
        <span class="step-name">{text.stage[status]}</span>
      </li>
    ))}
  </ol>
)

/** The same with the exact times, one below the other. */
export const TimelineInFull = ({ image }: { image: ImageView }) => (
  <ol class="story" aria-label={text.timeline}>
    {steps(image).map(({ status, at, since }) => (
      <li key={status} class={status}>
        <span class="story-name">{text.stage[status]}</span>
        <time class="quiet" dateTime={at} title={formatExact(at)}>
          {formatClock(at)}
        </time>
        {since && <span class="story-since figures">+{since}</span>}
      </li>
    ))}
    {remaining(image).map((status) => (
      <li key={status} class="to-come quiet">
        <span class="story-name">{text.stage[status]}</span>
      </li>
    ))}
  </ol>
)

export const Position = ({ event }: { event: NonNullable<ImageView['event']> }) => (
  <span class="mono">
    {event.topic}-{event.partition}@{event.offset}
  </span>
)

/** Bytes before and after, with what was saved. */
export function Sizes({ image }: { image: ImageView }) {
  const { bytes, bytes_saved: saved } = image
  if (saved === undefined) return <span class="sizes figures">{formatBytes(bytes)}</span>
  const share = saved / bytes
  return (
    <span class="sizes figures">
      <span class="size-before">
        <span class="visually-hidden">{text.size.before} </span>
        {formatBytes(bytes)}
      </span>
      <span aria-hidden="true"> → </span>
      <span class="visually-hidden">{text.size.after} </span>
      {formatBytes(bytes - saved)}{' '}
      <span class={saved >= 0 ? 'saved' : 'grown'}>
        {saved >= 0 ? '−' : '+'}
        {formatShare(share)}
        <span class="visually-hidden"> {saved >= 0 ? text.size.saved : text.size.larger}</span>
      </span>
    </span>
  )
}

/** How long until the purge; the exact moment on hover, and read out. */
export function Gone({ at }: { at: string }) {
  const left = Date.parse(at) - now.value
  return (
    <time class="gone" dateTime={at} title={text.gone.exact(formatExact(at))}>
      {left > 0 ? text.gone.in(formatRemaining(left)) : text.gone.now}
    </time>
  )
}

export function Reason({ reason }: { reason: NonNullable<ImageView['reason']> }) {
  const [what, todo] = text.quarantine.codes[reason.code] ?? [reason.message, '']
  return (
    <p class="reason small">
      <strong>{what}</strong> {todo}
    </p>
  )
}
