/** One topic: partitions, who reads it, its settings. */
import { formatBytes, formatCount } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { useLive } from './live.ts'
import { address, Failure, Panel, Table, Waiting } from './parts.tsx'
import type { Can } from './role.ts'
import { SettingsEditor } from './SettingsEditor.tsx'
import { words } from './text.ts'

const { topic: own } = words
const paceMs = 4_000

export function TopicView({ api, name, can }: { api: ConsoleApi; name: string; can: Can }) {
  const { value: topic, failure, look } = useLive(() => api.topic(name), paceMs, `topic ${name}`)
  return (
    <>
      <div class="console-title">
        <a href={address('topics')}>{words.back(words.views.topics.toLowerCase())}</a>
        <h2 class="mono">{name}</h2>
        <a href={address('messages', { name })}>{own.messages}</a>
      </div>
      <Failure error={failure} title={words.failed} />
      {!topic && !failure && <Waiting />}
      {topic && (
        <>
          <Panel title={own.partitions}>
            <Table
              label={own.partitions}
              head={[
                [own.partition, 'number'],
                [own.leader, 'number'],
                [own.inSync],
                [own.from, 'number'],
                [own.to, 'number'],
                [own.records, 'number'],
                [own.size, 'number'],
              ]}
            >
              {topic.partition_list.map((one) => (
                <tr key={one.partition}>
                  <td class="number">{one.partition}</td>
                  <td class="number">{one.leader < 0 ? words.none : one.leader}</td>
                  <td class={one.in_sync.length < one.replicas.length ? 'bad' : ''}>
                    {one.in_sync.join(', ')} / {one.replicas.join(', ')}
                  </td>
                  <td class="number">{one.first_offset}</td>
                  <td class="number">{one.next_offset}</td>
                  <td class="number">{formatCount(Number(BigInt(one.next_offset) - BigInt(one.first_offset)))}</td>
                  <td class="number">{one.bytes === undefined ? words.none : formatBytes(one.bytes)}</td>
                </tr>
              ))}
            </Table>
          </Panel>
          <SettingsEditor api={api} topic={topic} editable={can.administer && !topic.internal} changed={look} />
        </>
      )}
    </>
  )
}
