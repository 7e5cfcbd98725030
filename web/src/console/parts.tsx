/** Parts that the console's views share. */
import type { ComponentChildren } from 'preact'
import type { StreamDifference } from '../../../contract/stream-schemas.ts'
import type { StreamMessage } from '../../../contract/stream-work-schemas.ts'
import type { ApiError } from '../api.ts'
import { Notice } from '../components/Notice.tsx'
import { formatCount, formatDateTime, formatExact } from '../format.ts'
import { text } from '../text.ts'
import { words } from './text.ts'

export const address = (view: string, parameters: Readonly<Record<string, string>> = {}): string =>
  `/console?${new URLSearchParams({ view, ...parameters })}`

export const Failure = ({ error, title = words.refused }: { error: ApiError | undefined; title?: string }) =>
  error ? (
    <Notice kind="bad" title={title}>
      <p class="small">
        {error.message} {error.hint}
      </p>
    </Notice>
  ) : null

type PanelProps = {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}
export const Panel = ({ title, lead, actions, children }: PanelProps) => (
  <section class="panel" aria-label={title}>
    <div class="panel-head console-head">
      <div>
        <h2>{title}</h2>
        {lead && <p class="quiet small">{lead}</p>}
      </div>
      {actions}
    </div>
    {children}
  </section>
)

/** A table that scrolls by itself where the page is narrow. */
export const Table = ({
  label,
  head,
  children,
}: {
  label: string
  head: readonly Column[]
  children: ComponentChildren
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <section class="scroll" tabIndex={0} aria-label={label}>
    <table class="table console-table">
      <thead>
        <tr>
          {head.map(([name, kind]) => (
            <th scope="col" class={kind} key={name}>
              {kind === 'hidden' ? <span class="visually-hidden">{name}</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </section>
)
export type Column = readonly [name: string, kind?: 'number' | 'hidden']

export const Empty = ({ title, hint }: { title: string; hint?: string }) => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {hint && <p class="quiet">{hint}</p>}
  </div>
)

export const Waiting = () => <div class="skeleton block" aria-hidden="true" />

const stateKinds: Record<string, string> = {
  Enabled: 'processed',
  Stable: 'processed',
  Enabling: 'published',
  Disabling: 'published',
  Disabled: 'quarantined',
}
export const State = ({ state }: { state: string }) => (
  <span class={`badge ${stateKinds[state] ?? ''}`}>
    <span class="badge-dot" aria-hidden="true" />
    {state}
  </span>
)

/** The image behind a record: what the ledger says. The picture itself is its owner's to see. */
export const ImageState = ({ image }: { image: NonNullable<StreamMessage['image']> }) => (
  <span class={`badge ${image.status}`} title={image.expires_at && text.gone.exact(formatExact(image.expires_at))}>
    <span class="badge-dot" aria-hidden="true" />
    {image.status === 'gone' ? words.messages.gone : text.status[image.status]}
  </span>
)

export const Moment = ({ at }: { at: string }) => (
  <time dateTime={at} title={formatExact(at)}>
    {formatDateTime(at)}
  </time>
)

export const formatRate = (rate: number | undefined): string =>
  rate === undefined
    ? words.none
    : words.perSecond(rate < 10 && rate > 0 ? rate.toFixed(1) : formatCount(Math.round(rate)))

export const Warnings = ({ warnings }: { warnings: readonly string[] }) =>
  warnings.length === 0 ? null : (
    <ul class="warnings small">
      {warnings.map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  )

/** Before and after, side by side. */
export const Differences = ({ differences }: { differences: readonly StreamDifference[] }) =>
  differences.length === 0 ? (
    <p class="quiet">{words.unchanged}</p>
  ) : (
    <dl class="differences">
      {differences.map(({ name, before, after }) => (
        <div key={name}>
          <dt class="mono">{name}</dt>
          <dd class="mono">
            {before !== undefined && (
              <del>
                <span class="visually-hidden">{words.topic.was} </span>
                {before}
              </del>
            )}{' '}
            <ins>
              <span class="visually-hidden">{words.topic.will} </span>
              {after ?? words.none}
            </ins>
          </dd>
        </div>
      ))}
    </dl>
  )

export const Field = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
  <label class="field">
    <span>{label}</span>
    {children}
  </label>
)
export const typedIn = (event: Event): string => (event.currentTarget as HTMLInputElement | HTMLSelectElement).value
