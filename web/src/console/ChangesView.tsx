/** Who changed what, and when. */
import { useState } from 'preact/hooks'
import type { ConsoleApi } from './api.ts'
import { useLive } from './live.ts'
import { Differences, Empty, Failure, Field, Moment, Panel, Table, typedIn, Waiting } from './parts.tsx'
import { words } from './text.ts'

const { changes: own } = words
const paceMs = 5_000

export function ChangesView({ api }: { api: ConsoleApi }) {
  const [of, setOf] = useState<'changes' | 'looks'>('changes')
  const { value, failure } = useLive(() => api.changes(of), paceMs, of)
  return (
    <>
      <div class="toolbar">
        <Field label={own.of}>
          <select value={of} onChange={(event) => setOf(typedIn(event) as 'changes' | 'looks')}>
            <option value="changes">{own.kinds.changes}</option>
            <option value="looks">{own.kinds.looks}</option>
          </select>
        </Field>
      </div>
      <Failure error={failure} title={words.failed} />
      {!value && !failure && <Waiting />}
      {value && (
        <Panel title={words.views.changes} lead={own.lead}>
          {value.items.length === 0 ? (
            <Empty title={own.none} />
          ) : (
            <Table
              label={words.views.changes}
              head={[[own.at], [own.by], [own.action], [own.target], [own.values], [own.outcome]]}
            >
              {value.items.map((change) => (
                <tr key={change.id}>
                  <td>
                    <Moment at={change.at} />
                  </td>
                  <td title={change.by}>
                    <span class="mono small">{change.by.slice(0, 8)}</span>{' '}
                    <span class="quiet small">{change.role}</span>
                  </td>
                  <td class="nowrap">{change.action}</td>
                  <td class="mono small">{change.target}</td>
                  <td class="small">
                    <Differences
                      differences={Object.keys(change.after).map((name) => ({
                        name,
                        ...(change.before[name] !== undefined && { before: change.before[name] }),
                        ...(change.after[name] !== undefined && { after: change.after[name] }),
                      }))}
                    />
                  </td>
                  <td>
                    <span class={`badge ${change.outcome === 'done' ? 'processed' : 'quarantined'}`}>
                      {own.outcomes[change.outcome]}
                    </span>
                  </td>
                </tr>
              ))}
            </Table>
          )}
        </Panel>
      )}
    </>
  )
}
