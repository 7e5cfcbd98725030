/** What is due for deletion, and what the purges have removed. For engineers and analysts. */
import { useEffect, useState } from 'preact/hooks'
import type { PurgeRun, RetentionState } from '../../../contract/schemas.ts'
import { type Api, ApiError } from '../api.ts'
import { now } from '../clock.ts'
import { Notice } from '../components/Notice.tsx'
import { formatAgo, formatCount, formatDateTime, formatExact, formatRemaining } from '../format.ts'
import { createPoller } from '../images/poller.ts'
import { text } from '../text.ts'
import { RunChart } from './RunChart.tsx'
import { RunTable } from './RunTable.tsx'
import '../styles/purges.css'

/** Runs are hourly; erasures on request come at any time. */
const paceMs = 15_000
const runsShown = 100

type Known = { readonly state: RetentionState; readonly runs: readonly PurgeRun[] }

export function PurgesPage({ api }: { api: Api }) {
  const [known, setKnown] = useState<Known>()
  const [failure, setFailure] = useState<ApiError>()

  useEffect(() => {
    async function look() {
      try {
        const [state, { items }] = await Promise.all([api.retention(), api.purgeRuns(runsShown)])
        setKnown({ state, runs: items })
        setFailure(undefined)
      } catch (error) {
        if (error instanceof ApiError) setFailure(error)
        throw error
      }
    }
    const poller = createPoller(look, () => paceMs)
    return () => poller.stop()
  }, [api])

  const { purges } = text
  return (
    <div class="purges">
      <header>
        <h1>{purges.title}</h1>
        {known && <p class="quiet">{purges.lead(known.state.retention_days)}</p>}
      </header>
      {failure && (
        <Notice kind="bad" title={purges.failed}>
          <p class="small">
            {failure.message} {failure.hint}
          </p>
        </Notice>
      )}
      {!known && !failure && <div class="skeleton block" aria-hidden="true" />}
      {known && <Figures state={known.state} />}
      {known && known.runs.length === 0 && (
        <div class="empty">
          <p class="empty-title">{purges.empty}</p>
          <p class="quiet">{purges.emptyHint}</p>
        </div>
      )}
      {known && known.runs.length > 0 && (
        <>
          <RunChart runs={known.runs} />
          <RunTable runs={known.runs} />
        </>
      )}
    </div>
  )
}

function Figures({ state }: { state: RetentionState }) {
  const { purges } = text
  const { last_run: last, oldest_expires_at: oldest } = state
  return (
    <dl class="figures-row">
      <div class="figure">
        <dt>{purges.due}</dt>
        <dd>{formatCount(state.due_within_a_day)}</dd>
      </div>
      <div class={`figure ${state.overdue > 0 ? 'bad' : 'good'}`}>
        <dt>{purges.overdue}</dt>
        <dd>{formatCount(state.overdue)}</dd>
        <dd class="figure-note">{state.overdue > 0 ? purges.overdueSome : purges.overdueNone}</dd>
      </div>
      <div class="figure">
        <dt>{purges.oldest}</dt>
        <dd>
          {oldest ? (
            <time dateTime={oldest} title={formatExact(oldest)}>
              {purges.in(formatRemaining(Math.max(0, Date.parse(oldest) - now.value)))}
            </time>
          ) : (
            '–'
          )}
        </dd>
        <dd class="figure-note">{oldest ? formatDateTime(oldest) : purges.none}</dd>
      </div>
      <div class="figure">
        <dt>{purges.last}</dt>
        <dd>
          {last ? (
            <time dateTime={last.finished_at} title={formatExact(last.finished_at)}>
              {purges.ago(formatAgo(Math.max(0, now.value - Date.parse(last.finished_at))))}
            </time>
          ) : (
            '–'
          )}
        </dd>
        <dd class="figure-note">{last ? (last.complete ? purges.complete : purges.incomplete) : purges.never}</dd>
      </div>
    </dl>
  )
}
