/** The stream at a glance, live. */
import type { StreamOverview } from '../../../contract/stream-schemas.ts'
import { now } from '../clock.ts'
import { formatAgo, formatBytes, formatCount, formatDateTime, formatRemaining } from '../format.ts'
import { text } from '../text.ts'
import type { ConsoleApi } from './api.ts'
import { useLive } from './live.ts'
import { address, Empty, formatRate, Panel, State, Table } from './parts.tsx'
import { StreamCharts } from './StreamCharts.tsx'
import { words } from './text.ts'

const { overview: own } = words
/** Images come and go by the hour. */
const retentionPaceMs = 30_000

export function OverviewView({ api, overview }: { api: ConsoleApi; overview: StreamOverview }) {
  const { value: retention } = useLive(api.retention, retentionPaceMs, 'retention')
  const oldest = retention?.oldest_expires_at
  const next = retention?.next_run_at
  const replicas = overview.offline > 0 || overview.under_replicated > 0 ? 'bad' : 'good'
  return (
    <>
      <dl class="figures-row console-figures">
        <Figure name={own.lag} kind={overview.lag > 0 ? 'busy' : ''} note={own.lagNote(overview.trigger_state ?? '')}>
          <span data-testid="lag">{formatCount(overview.lag)}</span>
        </Figure>
        <Figure name={own.rate} note={own.rateNote}>
          {formatRate(overview.rate_in)} <span class="quiet">·</span> {formatRate(overview.rate_out)}
        </Figure>
        <Figure name={own.quarantine} kind={overview.quarantine > 0 ? 'warn' : ''} note={own.quarantineNote}>
          <a href={address('quarantine')}>{formatCount(overview.quarantine)}</a>
        </Figure>
        <Figure
          name={own.replicas}
          kind={replicas}
          note={
            overview.offline > 0
              ? own.offline(overview.offline)
              : replicas === 'good'
                ? own.replicasGood
                : own.replicasBad(overview.under_replicated)
          }
        >
          {formatCount(overview.partitions)}
        </Figure>
        <Figure name={own.oldest} note={oldest ? formatDateTime(oldest) : own.oldestNone}>
          {oldest ? text.purges.in(formatRemaining(Math.max(0, Date.parse(oldest) - now.value))) : words.none}
        </Figure>
        <Figure name={own.nextPurge} note={next ? own.nextPurgeNote(retention.due_within_a_day) : own.nextPurgeNone}>
          {next ? text.purges.in(formatAgo(Math.max(0, Date.parse(next) - now.value))) : words.none}
        </Figure>
      </dl>
      <StreamCharts api={api} lag={overview.lag} />
      <Panel title={own.consumers}>
        {overview.consumers.length === 0 ? (
          <Empty title={own.noConsumers} />
        ) : (
          <Table
            label={own.consumers}
            head={[
              [words.group.name],
              [words.group.topic],
              [words.group.state],
              [words.group.lag, 'number'],
              [words.topic.rate, 'number'],
            ]}
          >
            {overview.consumers.map(({ group, topic, state, lag, rate }) => (
              <tr key={`${group} ${topic}`}>
                <th scope="row">
                  <a href={address('groups', { name: group })}>{group}</a>
                </th>
                <td>
                  <a href={address('topics', { name: topic })}>{topic}</a>
                </td>
                <td>
                  <State state={state} />
                </td>
                <td class="number">{formatCount(lag)}</td>
                <td class="number">{formatRate(rate)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Panel>
      <Panel title={own.brokers}>
        <Table
          label={own.brokers}
          head={[
            [own.broker.id],
            [own.broker.address],
            [own.broker.role],
            [own.broker.leads, 'number'],
            [own.broker.inSync, 'number'],
            [own.broker.disk, 'number'],
          ]}
        >
          {overview.brokers.map(({ id, host, port, bytes, leads, replicas: copies, in_sync: inSync }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td class="mono">
                {host}:{port}
              </td>
              <td>{id === overview.controller ? own.controller : own.follower}</td>
              <td class="number">{formatCount(leads)}</td>
              <td class={`number ${inSync < copies ? 'bad' : ''}`}>
                {formatCount(inSync)} / {formatCount(copies)}
              </td>
              <td class="number">{bytes === undefined ? words.none : formatBytes(bytes)}</td>
            </tr>
          ))}
        </Table>
      </Panel>
    </>
  )
}

type FigureProps = { name: string; note?: string; kind?: string; children: preact.ComponentChildren }
const Figure = ({ name, note, kind = '', children }: FigureProps) => (
  <div class={`figure ${kind}`}>
    <dt>{name}</dt>
    <dd>{children}</dd>
    {note && <dd class="figure-note">{note}</dd>}
  </div>
)
