/** A message in the page: what is wrong, and what to do. */
import { CircleAlert, TriangleAlert, X } from 'lucide'
import type { ComponentChildren } from 'preact'
import { text } from '../text.ts'
import { Icon } from './Icon.tsx'

export type NoticeProps = {
  readonly kind: 'bad' | 'warn'
  readonly title: string
  readonly children?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly onDismiss?: () => void
}

export const Notice = ({ kind, title, children, actions, onDismiss }: NoticeProps) => (
  <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
    <Icon node={kind === 'bad' ? CircleAlert : TriangleAlert} />
    <div class="notice-body">
      <p class="notice-title">{title}</p>
      {children}
    </div>
    {actions}
    {onDismiss && (
      <button type="button" class="icon-button" aria-label={text.upload.dismiss} onClick={onDismiss}>
        <Icon node={X} />
      </button>
    )}
  </div>
)
