/** Records of a topic: the newest, live, or from somewhere on; each with the state of its image. */
import { useState } from 'preact/hooks'
import type { StreamMessage } from '../../../contract/stream-work-schemas.ts'
import { formatBytes, formatCount, formatDateTime } from '../format.ts'
import { navigate } from '../router.ts'
import type { ConsoleApi } from './api.ts'
import { useLive } from './live.ts'
import { address, Empty, Failure, Field, ImageState, Moment, Panel, Table, typedIn, Waiting } from './parts.tsx'
import { words } from './text.ts'

const { messages: own } = words
const livePaceMs = 2_000
const blank = { partition: '', offset: '', from: '', search: '' }
type Query = typeof blank

const parametersOf = ({ partition, offset, from, search }: Query): URLSearchParams =>
  new URLSearchParams({
    ...(partition !== '' && { partition }),
    ...(offset !== '' && { offset }),
    ...(from !== '' && { from: `${from}:00Z` }),
    ...(search !== '' && { search }),
  })

export function MessagesView({ api, topic }: { api: ConsoleApi; topic: string }) {
  const [form, setForm] = useState(blank)
  const [asked, setAsked] = useState(blank)
  const [live, setLive] = useState(true)
  const { value: topics } = useLive(api.topics, 0, 'topics')
  const key = `${topic}?${parametersOf(asked)}`
  const { value, failure } = useLive(() => api.messages(topic, parametersOf(asked)), live ? livePaceMs : 0, key)
  const partitions = topics?.items.find(({ name }) => name === topic)?.partitions ?? 0
  const set = (name: keyof Query) => (event: Event) => setForm({ ...form, [name]: typedIn(event) })

  return (
    <>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(form)
        }}
      >
        <Field label={own.topic}>
          <select value={topic} onChange={(event) => navigate(address('messages', { name: typedIn(event) }))}>
            {(topics?.items ?? [{ name: topic }]).map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Field>
        <Field label={own.partition}>
          <select value={form.partition} onChange={set('partition')}>
            <option value="">{own.all}</option>
            {Array.from({ length: partitions }, (_, partition) => (
              <option key={partition}>{partition}</option>
            ))}
          </select>
        </Field>
        {form.partition !== '' && (
          <Field label={own.offset}>
            <input inputMode="numeric" pattern="\d{0,19}" value={form.offset} onInput={set('offset')} />
          </Field>
        )}
        <Field label={own.from}>
          <input type="datetime-local" value={form.from} onInput={set('from')} />
        </Field>
        <Field label={own.search}>
          <input type="search" maxLength={200} value={form.search} onInput={set('search')} />
        </Field>
        <button type="submit" class="action">
          {own.look}
        </button>
        <label class="check">
          <input type="checkbox" checked={live} onChange={() => setLive(!live)} /> {own.live}
        </label>
      </form>
      <Failure error={failure} title={words.failed} />
      {!value && !failure && <Waiting />}
      {value && (
        <Panel
          title={own.topic === topic ? own.topic : topic}
          lead={`${own.scanned(formatCount(value.scanned))}. ${value.more ? own.more : ''}`}
          actions={
            value.items.length > 0 && (
              <a class="action" download={`${topic}.json`} href={dataAddress(value.items)}>
                {own.download}
              </a>
            )
          }
        >
          {value.items.length === 0 ? (
            <Empty title={own.none} hint={own.noneHint} />
          ) : (
            <Records topic={topic} items={value.items} />
          )}
        </Panel>
      )}
    </>
  )
}

const dataAddress = (items: readonly StreamMessage[]): string =>
  `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(items, null, 2))}`

const Records = ({ topic, items }: { topic: string; items: readonly StreamMessage[] }) => (
  <Table label={words.views.messages} head={[[own.at], [own.place], [own.image], [own.value]]}>
    {items.map((message) => (
      <tr key={`${message.partition}-${message.offset}`}>
        <td>
          <Moment at={message.timestamp} />
        </td>
        <td class="mono nowrap">
          {topic}-{message.partition}@{message.offset}
        </td>
        <td>
          {message.image ? (
            <>
              <ImageState image={message.image} />
              {message.image.expires_at && (
                <div class="quiet small nowrap">{own.purge(formatDateTime(message.image.expires_at))}</div>
              )}
            </>
          ) : (
            words.none
          )}
        </td>
        <td>
          <details class="record">
            <summary class="mono">{message.value ?? own.tombstone}</summary>
            <dl class="facts small">
              <dt>{own.key}</dt>
              <dd class="mono">{message.key ?? words.none}</dd>
              {Object.entries(message.headers).map(([name, header]) => (
                <>
                  <dt key={name}>{name}</dt>
                  <dd class="mono">{header}</dd>
                </>
              ))}
              <dt>{words.topic.size}</dt>
              <dd>{formatBytes(message.bytes)}</dd>
            </dl>
          </details>
        </td>
      </tr>
    ))}
  </Table>
)
