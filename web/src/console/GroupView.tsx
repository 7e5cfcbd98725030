/** One consumer group: who reads, how far it is, and moving it. */
import { formatCount } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { GroupChart } from './GroupChart.tsx'
import { useLive } from './live.ts'
import { address, Empty, Failure, Panel, State, Table, Waiting } from './parts.tsx'
import { ResetForm } from './ResetForm.tsx'
import type { Can } from './role.ts'
import { words } from './text.ts'

const { group: own } = words
const paceMs = 2_000

export function GroupView({ api, id, can }: { api: ConsoleApi; id: string; can: Can }) {
  const { value: group, failure, look } = useLive(() => api.group(id), paceMs, `group ${id}`)
  const topics = [...new Set(group?.offsets.map(({ topic }) => topic))]
  return (
    <>
      <div class="console-title">
        <a href={address('groups')}>{words.back(words.views.groups.toLowerCase())}</a>
        <h2 class="mono">{id}</h2>
        {group && <State state={group.state} />}
        {group?.trigger && <a href={address('triggers')}>{own.trigger}</a>}
      </div>
      <Failure error={failure} title={words.failed} />
      {!group && !failure && <Waiting />}
      {group && (
        <>
          <Panel title={own.lag} lead={formatCount(group.lag)}>
            {group.offsets.length === 0 ? (
              <Empty title={own.noOffsets} />
            ) : (
              <Table
                label={own.lag}
                head={[
                  [own.topic],
                  [own.partition, 'number'],
                  [own.committed, 'number'],
                  [own.end, 'number'],
                  [own.lag, 'number'],
                ]}
              >
                {group.offsets.map((one) => (
                  <tr key={`${one.topic}-${one.partition}`}>
                    <td>
                      <a href={address('topics', { name: one.topic })}>{one.topic}</a>
                    </td>
                    <td class="number">{one.partition}</td>
                    <td class="number">{one.committed ?? words.none}</td>
                    <td class="number">{one.next_offset}</td>
                    <td class="number">{formatCount(one.lag)}</td>
                  </tr>
                ))}
              </Table>
            )}
          </Panel>
          <GroupChart api={api} group={id} lag={group.lag} />
          <Panel title={own.members}>
            {group.members.length === 0 ? (
              <Empty title={own.noMembers} />
            ) : (
              <Table label={own.members} head={[[own.client], [own.host], [own.assigned]]}>
                {group.members.map((member) => (
                  <tr key={member.id}>
                    <th scope="row" title={member.id}>
                      {member.client}
                    </th>
                    <td class="mono">{member.host}</td>
                    <td>
                      {member.assigned
                        .map(({ topic, partitions }) => `${topic}: ${partitions.toSorted((a, b) => a - b).join(', ')}`)
                        .join('; ')}
                    </td>
                  </tr>
                ))}
              </Table>
            )}
          </Panel>
          {can.operate && topics.length > 0 && <ResetForm api={api} group={group} topics={topics} done={look} />}
        </>
      )}
    </>
  )
}
