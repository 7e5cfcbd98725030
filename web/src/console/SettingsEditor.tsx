/** A topic's settings: what differs from the default, and changing it after a look at what would be different. */
import { RotateCcw } from 'lucide'
import { useState } from 'preact/hooks'
import type {
  StreamSetting,
  StreamTopic,
  StreamTopicChange,
  StreamTopicChanged,
} from '../../../contract/stream-schemas.ts'
import { announce } from '../announce.ts'
import { Icon } from '../components/Icon.tsx'
import { formatBytes, formatDuration } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { useChange } from './live.ts'
import { Preview } from './Preview.tsx'
import { Differences, Failure, Field, Panel, Table, typedIn } from './parts.tsx'
import { changedMeanwhile, changeOf, type Drafts, type Seen } from './settings-draft.ts'
import { words } from './text.ts'

const { topic: own } = words
type EditorProps = { api: ConsoleApi; topic: StreamTopic; editable: boolean; changed: () => void }

export function SettingsEditor({ api, topic, editable, changed }: EditorProps) {
  const [only, setOnly] = useState(true)
  const [drafts, setDrafts] = useState<Drafts>({})
  const [partitions, setPartitions] = useState(String(topic.partitions))
  const [preview, setPreview] = useState<StreamTopicChanged>()
  // What the person saw when they began: the API refuses the change where it is not so any more.
  const [seen, setSeen] = useState<Seen>({ partitions: String(topic.partitions) })
  const change = changeOf(topic, drafts, Number(partitions), seen)
  const meanwhile = changedMeanwhile(topic, drafts, seen)

  const look = useChange(
    (body: StreamTopicChange) => api.changeTopic(topic.name, { ...body, dry_run: true }),
    setPreview,
  )
  const apply = useChange(
    (body: StreamTopicChange) => api.changeTopic(topic.name, body),
    () => {
      setPreview(undefined)
      forget()
      announce(own.changed(topic.name))
      changed()
    },
  )
  const forget = () => {
    setDrafts({})
    setSeen({})
    setPreview(undefined)
    look.forget()
    apply.forget()
  }
  const edit = (name: string, draft: string | null | undefined) => {
    const value = topic.settings.find((setting) => setting.name === name)?.value ?? ''
    if (drafts[name] === undefined) setSeen({ ...seen, [name]: value })
    setDrafts({ ...drafts, [name]: draft })
    setPreview(undefined)
  }
  const shown = topic.settings.filter(({ set, name }) => !only || set || drafts[name] !== undefined)

  return (
    <Panel
      title={own.settings}
      lead={editable && own.settingsLead}
      actions={
        <label class="check">
          <input type="checkbox" checked={only} onChange={() => setOnly(!only)} /> {own.only}
        </label>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (change) look.run(change)
        }}
      >
        <Table label={own.settings} head={[[own.setting], [own.value], [own.byDefault], ['', 'hidden']]}>
          {shown.map((setting) => (
            <SettingRow
              key={setting.name}
              setting={setting}
              draft={drafts[setting.name]}
              meanwhile={meanwhile.some(({ name }) => name === setting.name)}
              editable={editable}
              edit={edit}
            />
          ))}
        </Table>
        {editable && (
          <div class="toolbar panel-foot">
            <Field label={own.addTo}>
              <input
                type="number"
                min={topic.partitions}
                max={1000}
                value={partitions}
                onInput={(event) => {
                  setPartitions(typedIn(event))
                  setSeen({ ...seen, partitions: String(topic.partitions) })
                  setPreview(undefined)
                }}
              />
            </Field>
            <button type="submit" class="action" disabled={!change || look.running}>
              {words.preview}
            </button>
            {change && (
              <button
                type="button"
                class="action"
                onClick={() => {
                  forget()
                  setPartitions(String(topic.partitions))
                }}
              >
                {own.forget}
              </button>
            )}
          </div>
        )}
      </form>
      {editable && <Failure error={look.failure ?? apply.failure} />}
      {preview && change && (
        <Preview
          warnings={preview.warnings}
          running={apply.running}
          onApply={() => apply.run(change)}
          onCancel={() => setPreview(undefined)}
        >
          <Differences differences={preview.differences} />
        </Preview>
      )}
    </Panel>
  )
}

/** Durations and sizes as people read them; nothing for all other settings, and for Kafka's "for ever". */
function inWords(name: string, value: string): string | undefined {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number === 0 || number > Number.MAX_SAFE_INTEGER) return undefined
  if (name.endsWith('.ms')) return formatDuration(number)
  return name.endsWith('.bytes') ? formatBytes(number) : undefined
}

type RowProps = {
  setting: StreamSetting
  draft: string | null | undefined
  /** Somebody else has changed it since the person began. */
  meanwhile: boolean
  editable: boolean
  edit: (name: string, draft: string | null | undefined) => void
}
function SettingRow({
  setting: { name, value, default_value, set, read_only, sensitive },
  draft,
  meanwhile,
  editable,
  edit,
}: RowProps) {
  const fallback = default_value ?? ''
  return (
    <tr class={draft === undefined ? '' : 'drafted'}>
      <th scope="row" class="mono">
        {name}
      </th>
      <td>
        {editable && !read_only && !sensitive ? (
          <input
            class="mono"
            aria-label={name}
            value={draft === null ? fallback : (draft ?? value)}
            onInput={(event) => edit(name, typedIn(event) === value ? undefined : typedIn(event))}
          />
        ) : (
          <span class={`mono ${set ? '' : 'quiet'}`}>{sensitive ? '•••' : value}</span>
        )}
        {inWords(name, draft ?? value) && <div class="quiet small">{inWords(name, draft ?? value)}</div>}
      </td>
      <td class="mono quiet">
        {fallback}
        {meanwhile && (
          <div class="meanwhile" role="status">
            {own.meanwhile(value)}
          </div>
        )}
      </td>
      <td>
        {editable && set && draft !== null && (
          <button
            type="button"
            class="icon-button"
            title={own.reset(name)}
            aria-label={own.reset(name)}
            onClick={() => edit(name, null)}
          >
            <Icon node={RotateCcw} />
          </button>
        )}
      </td>
    </tr>
  )
}
