/** Moving a consumer group, after a look at what that would mean. */
import { useState } from 'preact/hooks'
import type { StreamGroup, StreamReset, StreamResetDone } from '../../../contract/stream-schemas.ts'
import { announce } from '../announce.ts'
import { formatCount } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { useChange } from './live.ts'
import { Preview } from './Preview.tsx'
import { Failure, Field, Panel, Table, typedIn } from './parts.tsx'
import { words } from './text.ts'

const { group: own } = words
const targets = ['earliest', 'latest', 'timestamp', 'offset'] as const
const hour = 3_600_000

type ResetProps = { api: ConsoleApi; group: StreamGroup; topics: readonly string[]; done: () => void }

export function ResetForm({ api, group, topics, done }: ResetProps) {
  const [topic, setTopic] = useState(topics[0] ?? '')
  const [to, setTo] = useState<StreamReset['to']>('timestamp')
  const [moment, setMoment] = useState(() => new Date(Date.now() - hour).toISOString().slice(0, 16))
  const [offset, setOffset] = useState('0')
  const [preview, setPreview] = useState<StreamResetDone>()
  const asked: StreamReset = {
    topic,
    to,
    ...(to === 'timestamp' && { timestamp: `${moment}:00Z` }),
    ...(to === 'offset' && { offset }),
  }
  const look = useChange((reset: StreamReset) => api.reset(group.id, { ...reset, dry_run: true }), setPreview)
  const apply = useChange(
    (reset: StreamReset) => api.reset(group.id, reset),
    () => {
      setPreview(undefined)
      announce(own.done)
      done()
    },
  )
  const set =
    <T,>(change: (value: T) => void) =>
    (value: T) => {
      change(value)
      setPreview(undefined)
    }

  return (
    <Panel title={own.reset} lead={group.trigger ? own.resetLead : own.resetPlain}>
      <form
        class="toolbar panel-foot"
        onSubmit={(event) => {
          event.preventDefault()
          look.run(asked)
        }}
      >
        <Field label={own.topic}>
          <select value={topic} onChange={(event) => set(setTopic)(typedIn(event))}>
            {topics.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </Field>
        <Field label={own.to}>
          <select value={to} onChange={(event) => set(setTo)(typedIn(event) as StreamReset['to'])}>
            {targets.map((one) => (
              <option key={one} value={one}>
                {own.targets[one]}
              </option>
            ))}
          </select>
        </Field>
        {to === 'timestamp' && (
          <Field label={own.moment}>
            <input required type="datetime-local" value={moment} onInput={(event) => set(setMoment)(typedIn(event))} />
          </Field>
        )}
        {to === 'offset' && (
          <Field label={own.offset}>
            <input
              required
              inputMode="numeric"
              pattern="\d{1,19}"
              value={offset}
              onInput={(event) => set(setOffset)(typedIn(event))}
            />
          </Field>
        )}
        <button type="submit" class="action" disabled={look.running}>
          {words.preview}
        </button>
      </form>
      <Failure error={look.failure ?? apply.failure} />
      {preview && (
        <Preview
          warnings={preview.warnings}
          running={apply.running}
          onApply={() => apply.run(asked)}
          onCancel={() => setPreview(undefined)}
        >
          <p>
            <strong>{preview.again + preview.skipped === 0 ? own.same : ''}</strong>
            {preview.again > 0 && <strong>{own.again(formatCount(preview.again))}. </strong>}
            {preview.skipped > 0 && <strong>{own.skipped(formatCount(preview.skipped))}.</strong>}
          </p>
          <Table
            label={own.reset}
            head={[
              [own.partition, 'number'],
              [own.before, 'number'],
              [own.after, 'number'],
            ]}
          >
            {preview.partitions.map((one) => (
              <tr key={one.partition}>
                <td class="number">{one.partition}</td>
                <td class="number">{one.before ?? words.none}</td>
                <td class="number">{one.after}</td>
              </tr>
            ))}
          </Table>
        </Preview>
      )}
    </Panel>
  )
}
