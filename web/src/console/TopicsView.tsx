/** All topics, and making a new one. */
import { useState } from 'preact/hooks'
import type { StreamTopicChanged } from '../../../contract/stream-schemas.ts'
import { announce } from '../announce.ts'
import { formatBytes, formatCount } from '../format.ts'
import { navigate } from '../router.ts'
import type { ConsoleApi } from './api.ts'
import { useChange, useLive } from './live.ts'
import { address, Empty, Failure, Field, formatRate, Panel, Table, typedIn, Waiting } from './parts.tsx'
import type { Can } from './role.ts'
import { words } from './text.ts'

const { topic: own } = words
const paceMs = 3_000
/** A thousand rows at once would be slow to lay out; the rest is found by name. */
const rowsShown = 200

export function TopicsView({ api, can, brokers }: { api: ConsoleApi; can: Can; brokers: number }) {
  const [find, setFind] = useState('')
  const [internal, setInternal] = useState(false)
  const { value, failure } = useLive(api.topics, paceMs, 'topics')
  const found = value?.items.filter((topic) => (internal || !topic.internal) && topic.name.includes(find.trim()))
  return (
    <>
      <Failure error={failure} title={words.failed} />
      {can.administer && <NewTopic api={api} brokers={brokers} />}
      <div class="toolbar">
        <Field label={own.find}>
          <input type="search" value={find} onInput={(event) => setFind(typedIn(event))} />
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
              {found.slice(0, rowsShown).map((topic) => (
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
        </Panel>
      )}
    </>
  )
}

function NewTopic({ api, brokers }: { api: ConsoleApi; brokers: number }) {
  const [name, setName] = useState('')
  const [partitions, setPartitions] = useState('3')
  const [replicas, setReplicas] = useState(String(Math.min(3, brokers)))
  const create = useChange(api.createTopic, (made: StreamTopicChanged) => {
    announce(own.created(made.name))
    navigate(address('topics', { name: made.name }))
  })
  return (
    <details class="panel fold">
      <summary>{own.create}</summary>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          create.run({ name, partitions: Number(partitions), replicas: Number(replicas) })
        }}
      >
        <Field label={own.name}>
          <input
            required
            value={name}
            maxLength={249}
            pattern="[a-zA-Z0-9._\-]+"
            onInput={(event) => setName(typedIn(event))}
          />
        </Field>
        <Field label={own.partitions}>
          <input
            required
            type="number"
            min={1}
            max={1000}
            value={partitions}
            onInput={(event) => setPartitions(typedIn(event))}
          />
        </Field>
        <Field label={own.replicas}>
          <input
            required
            type="number"
            min={1}
            max={10}
            value={replicas}
            onInput={(event) => setReplicas(typedIn(event))}
          />
        </Field>
        <button type="submit" class="action strong" disabled={create.running}>
          {own.createDo}
        </button>
      </form>
      <Failure error={create.failure} />
    </details>
  )
}
