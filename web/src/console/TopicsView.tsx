/** All topics, and making a new one. */
import { useState } from 'preact/hooks'
import type { StreamTopicSummary } from '../../../contract/stream-schemas.ts'
import { formatBytes, formatCount } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { useLive } from './live.ts'
import { NewTopic } from './NewTopic.tsx'
import { Pages, rowsOfPage } from './Pages.tsx'
import { address, Empty, Failure, Field, formatRate, Panel, Table, typedIn, Waiting } from './parts.tsx'
import type { Can } from './role.ts'
import { words } from './text.ts'

const { topic: own } = words
const paceMs = 3_000
/** A list of a thousand topics is some hundred kilobytes. */
const slowPaceMs = 10_000
const manyTopics = 300
const orders = ['name', 'lag', 'rate', 'bytes', 'records'] as const
type Order = (typeof orders)[number]
const lagOf = ({ consumers }: StreamTopicSummary): number => consumers.reduce((sum, { lag }) => sum + lag, 0)

/** By name as they come; by anything else the most first. Pure. */
export function inOrder(topics: readonly StreamTopicSummary[], order: Order): StreamTopicSummary[] {
  if (order === 'name') return [...topics]
  const of = (topic: StreamTopicSummary) => (order === 'lag' ? lagOf(topic) : (topic[order] ?? 0))
  return topics.toSorted((a, b) => of(b) - of(a))
}

export function TopicsView({ api, can, brokers }: { api: ConsoleApi; can: Can; brokers: number }) {
  const [find, setFind] = useState('')
  const [internal, setInternal] = useState(false)
  const [order, setOrder] = useState<Order>('name')
  const [page, setPage] = useState(0)
  const [many, setMany] = useState(false)
  const { value, failure } = useLive(
    async () => {
      const answer = await api.topics()
      setMany(answer.items.length > manyTopics)
      return answer
    },
    many ? slowPaceMs : paceMs,
    'topics',
  )
  const wanted = find.trim().toLowerCase()
  const all = value?.items.filter((topic) => (internal || !topic.internal) && topic.name.toLowerCase().includes(wanted))
  const found = all && inOrder(all, order)
  // A search may leave fewer pages than the one that was shown.
  const current = Math.min(page, Math.max(0, Math.ceil((found?.length ?? 0) / rowsOfPage) - 1))
  return (
    <>
      <Failure error={failure} title={words.failed} />
      {can.administer && <NewTopic api={api} brokers={brokers} />}
      <div class="toolbar">
        <Field label={own.find}>
          <input type="search" value={find} onInput={(event) => setFind(typedIn(event))} />
        </Field>
        <Field label={own.order}>
          <select value={order} onChange={(event) => setOrder(typedIn(event) as Order)}>
            {orders.map((one) => (
              <option key={one} value={one}>
                {own.orders[one]}
              </option>
            ))}
          </select>
        </Field>
        <label class="check">
          <input type="checkbox" checked={internal} onChange={() => setInternal(!internal)} /> {own.internal}
        </label>
      </div>
      {!found && !failure && <Waiting />}
      {found && (
        <Panel title={words.views.topics} lead={formatCount(found.length)}>
          {found.length === 0 && <Empty title={own.none} />}
          {found.length > 0 && (
            <Table
              label={words.views.topics}
              head={[
                [own.name],
                [own.partitions, 'number'],
                [own.records, 'number'],
                [own.size, 'number'],
                [own.rate, 'number'],
                [own.lag],
                [own.messages, 'hidden'],
              ]}
            >
              {found.slice(current * rowsOfPage, (current + 1) * rowsOfPage).map((topic) => (
                <tr key={topic.name}>
                  <th scope="row">
                    <a href={address('topics', { name: topic.name })}>{topic.name}</a>
                  </th>
                  <td class="number">{topic.partitions}</td>
                  <td class="number">{formatCount(topic.records)}</td>
                  <td class="number">{topic.bytes === undefined ? words.none : formatBytes(topic.bytes)}</td>
                  <td class="number">{formatRate(topic.rate)}</td>
                  <td>
                    {topic.consumers.length === 0
                      ? words.none
                      : topic.consumers.map(({ group, lag }) => (
                          <div key={group}>
                            <a href={address('groups', { name: group })}>{group}</a> <strong>{formatCount(lag)}</strong>
                          </div>
                        ))}
                  </td>
                  <td>
                    <a href={address('messages', { name: topic.name })} aria-label={`${own.messages}: ${topic.name}`}>
                      {own.messages}
                    </a>
                  </td>
                </tr>
              ))}
            </Table>
          )}
          <Pages count={found.length} page={current} show={setPage} />
        </Panel>
      )}
    </>
  )
}
