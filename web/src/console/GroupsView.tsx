/** All consumer groups. */
import { formatCount } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { useLive } from './live.ts'
import { address, Empty, Failure, Panel, State, Table, Waiting } from './parts.tsx'
import { words } from './text.ts'

const { group: own } = words
const paceMs = 3_000

export function GroupsView({ api }: { api: ConsoleApi }) {
  const { value, failure } = useLive(api.groups, paceMs, 'groups')
  return (
    <>
      <Failure error={failure} title={words.failed} />
      {!value && !failure && <Waiting />}
      {value && (
        <Panel title={words.views.groups}>
          {value.items.length === 0 ? (
            <Empty title={own.none} />
          ) : (
            <Table
              label={words.views.groups}
              head={[
                [own.name],
                [own.state],
                [own.members, 'number'],
                [own.lag, 'number'],
                [own.topics],
                [own.trigger],
              ]}
            >
              {value.items.map((group) => (
                <tr key={group.id}>
                  <th scope="row">
                    <a href={address('groups', { name: group.id })}>{group.id}</a>
                  </th>
                  <td>
                    <State state={group.state} />
                  </td>
                  <td class="number">{group.members}</td>
                  <td class="number">{formatCount(group.lag)}</td>
                  <td>{group.topics.join(', ') || words.none}</td>
                  <td>{group.trigger ? <a href={address('triggers')}>{group.trigger}</a> : words.none}</td>
                </tr>
              ))}
            </Table>
          )}
        </Panel>
      )}
    </>
  )
}
