/** Records of a topic: the newest, live, or from somewhere on; each with the state of its image. */
import { useState } from 'preact/hooks'
import type { StreamMessage } from '../../../contract/stream-work-schemas.ts'
import { formatCount } from '../format.ts'
import { navigate } from '../router.ts'
import type { ConsoleApi } from './api.ts'
import { useLive } from './live.ts'
import { type Paging, usePaging } from './paging.ts'
import { address, Empty, Failure, Field, Panel, typedIn, Waiting } from './parts.tsx'
import { Records } from './Records.tsx'
import type { Can } from './role.ts'
import { TestEvent } from './TestEvent.tsx'
import { words } from './text.ts'
import { useThumbnails } from './thumbnails.tsx'

const { messages: own } = words
const livePaceMs = 2_000
const blank = { partition: '', offset: '', from: '', search: '' }
type Query = typeof blank

const parametersOf = ({ partition, offset, from, search }: Query, cursor?: string): URLSearchParams =>
  new URLSearchParams({
    ...(partition !== '' && { partition }),
    ...(partition !== '' && offset !== '' && { offset }),
    ...(from !== '' && { from: `${from}:00Z` }),
    ...(search !== '' && { search }),
    ...(cursor !== undefined && { cursor }),
  })

export function MessagesView({ api, topic, can }: { api: ConsoleApi; topic: string; can: Can }) {
  const [form, setForm] = useState(blank)
  const [asked, setAsked] = useState(blank)
  const [live, setLive] = useState(true)
  const [pictures, setPictures] = useState(true)
  const { value: topics } = useLive(api.topics, 0, 'topics')
  const question = `${topic}?${parametersOf(asked)}`
  const paging = usePaging((cursor) => api.messages(topic, parametersOf(asked, cursor)), question)
  const { cursor } = paging
  const paceMs = live && cursor === undefined ? livePaceMs : 0
  const load = () => api.messages(topic, parametersOf(asked, cursor))
  const { value, failure, look } = useLive(load, paceMs, `${question} ${cursor ?? ''}`)
  const items = value?.items ?? []
  const ids = [...new Set(items.flatMap(({ image }) => (image && image.status !== 'gone' ? [image.id] : [])))]
  const thumbnails = useThumbnails(api, ids, can.seeImages && pictures)
  const partitions = topics?.items.find(({ name }) => name === topic)?.partitions ?? 0
  const set = (name: keyof Query) => (event: Event) => setForm({ ...form, [name]: typedIn(event) })
  const ask = (next: Query) => {
    setForm(next)
    setAsked(next)
  }

  return (
    <>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(form)
          look()
        }}
      >
        <Field label={own.topic}>
          <select
            value={topic}
            onChange={(event) => {
              ask(blank)
              navigate(address('messages', { name: typedIn(event) }))
            }}
          >
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
        {can.seeImages && (
          <label class="check" title={own.picturesHint}>
            <input type="checkbox" checked={pictures} onChange={() => setPictures(!pictures)} /> {own.pictures}
          </label>
        )}
      </form>
      {can.operate && topic === 'images' && <TestEvent api={api} sent={look} />}
      <Failure error={failure} title={words.failed} />
      <Failure error={thumbnails.failure} title={own.noPictures} />
      {!value && !failure && <Waiting />}
      {value && (
        <Panel
          title={topic}
          lead={leadOf(value.scanned, asked.search !== '', paging.depth)}
          actions={
            items.length > 0 && (
              <a class="action" download={`${topic}.json`} href={dataAddress(items)}>
                {own.download(formatCount(items.length))}
              </a>
            )
          }
        >
          {items.length === 0 ? (
            <Empty title={own.none} hint={hintOf(value.next_cursor !== undefined, question.endsWith('?'))} />
          ) : (
            <Records
              api={api}
              topic={topic}
              items={items}
              thumbnails={can.seeImages && pictures ? thumbnails : undefined}
              operate={can.operate}
              changed={look}
            />
          )}
          <Turning
            paging={paging}
            next={value.next_cursor}
            search={asked.search !== ''}
            forward={asked.offset !== '' || asked.from !== ''}
          />
        </Panel>
      )}
    </>
  )
}

const leadOf = (scanned: number, search: boolean, depth: number): string =>
  [own.scanned(formatCount(scanned)), search ? own.searching : '', depth > 0 ? own.page(depth + 1) : '']
    .filter((part) => part !== '')
    .join('. ')

const hintOf = (more: boolean, whole: boolean): string => (more ? own.noneYet : whole ? own.empty : own.noneHint)

const dataAddress = (items: readonly StreamMessage[]): string =>
  `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(items, null, 2))}`

type TurningProps = { paging: Paging; next: string | undefined; search: boolean; forward: boolean }
function Turning({ paging, next, search, forward }: TurningProps) {
  if (!next && paging.depth === 0 && !paging.failure) return null
  return (
    <nav class="pages panel-foot small" aria-label={own.pages}>
      {paging.depth > 0 && (
        <button type="button" class="action" onClick={paging.back}>
          {own.back}
        </button>
      )}
      {next && paging.searched === undefined && (
        <button type="button" class="action" onClick={() => paging.next(next)}>
          {forward ? own.newer : own.older}
        </button>
      )}
      {next && search && paging.searched === undefined && (
        <button type="button" class="action" onClick={() => paging.searchOn(next)}>
          {own.searchOn}
        </button>
      )}
      {paging.searched !== undefined && (
        <>
          <span role="status">{own.searched(formatCount(paging.searched))}</span>
          <button type="button" class="action" onClick={paging.stop}>
            {own.stop}
          </button>
        </>
      )}
      <Failure error={paging.failure} title={words.failed} />
    </nav>
  )
}
