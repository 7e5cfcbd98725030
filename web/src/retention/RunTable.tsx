/** The runs with their counts. */
import { CircleCheck, TriangleAlert } from 'lucide'
import type { PurgeRun } from '../../../contract/schemas.ts'
import { Icon } from '../components/Icon.tsx'
import { formatCount, formatDateTime, formatDuration, formatExact } from '../format.ts'
import { text } from '../text.ts'

const { column, kind } = text.purges

export const RunTable = ({ runs }: { runs: readonly PurgeRun[] }) => (
  <section aria-labelledby="runs-heading" class="panel">
    <div class="panel-head">
      <h2 id="runs-heading">{text.purges.runs}</h2>
      <p class="quiet small">{text.purges.runsLead}</p>
    </div>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
    <section class="scroll" tabIndex={0} aria-label={text.purges.runs}>
      <table class="table runs">
        <thead>
          <tr>
            <th scope="col">{column.started}</th>
            <th scope="col">{column.kind}</th>
            {counts.map(([label]) => (
              <th scope="col" class="number" key={label}>
                {label}
              </th>
            ))}
            <th scope="col">{column.result}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <time dateTime={run.started_at} title={formatExact(run.started_at)}>
                  {formatDateTime(run.started_at)}
                </time>
              </th>
              <td>{kind[run.kind]}</td>
              {counts.map(([label, value]) => (
                <td class="number" key={label}>
                  {value(run)}
                </td>
              ))}
              <td>
                <span class={`badge ${run.complete ? 'processed' : 'quarantined'}`}>
                  <Icon node={run.complete ? CircleCheck : TriangleAlert} />
                  {run.complete ? text.purges.complete : text.purges.incomplete}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  </section>
)

const counts: readonly (readonly [string, (run: PurgeRun) => string])[] = [
  [column.images, (run) => formatCount(run.images)],
  [column.versions, (run) => formatCount(run.versions)],
  [column.markers, (run) => formatCount(run.markers)],
  [column.uploads, (run) => formatCount(run.uploads)],
  [column.rows, (run) => formatCount(run.rows)],
  [column.orphans, (run) => formatCount(run.orphan_objects + run.orphan_rows)],
  [column.failed, (run) => formatCount(run.failed)],
  [column.took, (run) => formatDuration(Date.parse(run.finished_at) - Date.parse(run.started_at))],
]
