/** Making a topic, after the brokers have said whether they would. */
import { useState } from 'preact/hooks'
import type { StreamNewTopic, StreamTopicChanged } from '../../../contract/stream-schemas.ts'
import { announce } from '../announce.ts'
import { navigate } from '../router.ts'
import type { ConsoleApi } from './api.ts'
import { useChange } from './live.ts'
import { Preview } from './Preview.tsx'
import { address, Differences, Failure, Field, typedIn } from './parts.tsx'
import { readSettings } from './settings-draft.ts'
import { words } from './text.ts'

const { topic: own } = words

export function NewTopic({ api, brokers }: { api: ConsoleApi; brokers: number }) {
  const [form, setForm] = useState({
    name: '',
    partitions: '3',
    replicas: String(Math.min(3, brokers)),
    settings: 'retention.ms=86400000',
  })
  const [preview, setPreview] = useState<StreamTopicChanged>()
  const settings = readSettings(form.settings)
  const asked: StreamNewTopic = {
    name: form.name,
    partitions: Number(form.partitions),
    replicas: Number(form.replicas),
    ...(Object.keys(settings).length > 0 && { settings }),
  }
  const look = useChange((topic: StreamNewTopic) => api.createTopic({ ...topic, dry_run: true }), setPreview)
  const create = useChange(api.createTopic, (made: StreamTopicChanged) => {
    announce(own.created(made.name))
    navigate(address('topics', { name: made.name }))
  })
  const set = (name: keyof typeof form) => (event: Event) => {
    setForm({ ...form, [name]: typedIn(event) })
    setPreview(undefined)
  }

  return (
    <details class="panel fold">
      <summary>{own.create}</summary>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault()
          look.run(asked)
        }}
      >
        <Field label={own.name}>
          <input required value={form.name} maxLength={249} pattern="[a-zA-Z0-9._\-]+" onInput={set('name')} />
        </Field>
        <Field label={own.partitions}>
          <input required type="number" min={1} max={1000} value={form.partitions} onInput={set('partitions')} />
        </Field>
        <Field label={own.replicas}>
          <input required type="number" min={1} max={10} value={form.replicas} onInput={set('replicas')} />
        </Field>
        <Field label={own.settingLines}>
          <textarea class="mono" rows={2} value={form.settings} onInput={set('settings')} />
        </Field>
        <button type="submit" class="action" disabled={look.running}>
          {words.preview}
        </button>
      </form>
      <Failure error={look.failure ?? create.failure} />
      {preview && (
        <Preview
          warnings={preview.warnings}
          label={own.createDo}
          running={create.running}
          onApply={() => create.run(asked)}
          onCancel={() => setPreview(undefined)}
        >
          <Differences differences={preview.differences} />
        </Preview>
      )}
    </details>
  )
}
