/** The use of the quota: a meter, and what to do where it is nearly used up. */
import type { Usage } from '../../../contract/personal-schemas.ts'
import { now } from '../clock.ts'
import { Notice } from '../components/Notice.tsx'
import { formatBytes, formatCount, formatRemaining } from '../format.ts'
import { text } from '../text.ts'
import { quotaShare, quotaState } from './usage.ts'

export function QuotaMeter({ usage }: { usage: Usage }) {
  const { images, bytes, quota } = usage
  const share = Math.min(1, quotaShare(usage))
  const words = text.quota.used(
    formatCount(images),
    formatCount(quota.images),
    formatBytes(bytes),
    formatBytes(quota.bytes),
  )
  return (
    <div class="quota">
      {/* biome-ignore lint/a11y/useSemanticElements: browsers draw a meter of their own, each another */}
      <div
        class={`quota-meter ${quotaState(usage)}`}
        role="meter"
        aria-label={text.quota.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={words}
      >
        <span style={{ inlineSize: `${Math.max(share > 0 ? 1 : 0, share * 100)}%` }} />
      </div>
      <p class="small quiet figures">{words}</p>
    </div>
  )
}

export function QuotaNotice({ usage }: { usage: Usage }) {
  const state = quotaState(usage)
  if (state === 'fine') return null
  const left = usage.next_expires_at ? Date.parse(usage.next_expires_at) - now.value : undefined
  return (
    <Notice kind={state === 'full' ? 'bad' : 'warn'} title={text.quota[state]}>
      <p class="small">
        {text.quota.todo} {left !== undefined && left > 0 && text.quota.next(formatRemaining(left))}
      </p>
      <QuotaMeter usage={usage} />
    </Notice>
  )
}
