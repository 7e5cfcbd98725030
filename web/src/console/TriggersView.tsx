/** The triggers: pausing, resuming, and their settings. */
import { Pause, Play } from 'lucide'
import { useState } from 'preact/hooks'
import type { StreamTrigger, StreamTriggerChange } from '../../../contract/stream-work-schemas.ts'
import { announce } from '../announce.ts'
import { Icon } from '../components/Icon.tsx'
import { formatCount } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { useChange, useLive } from './live.ts'
import { address, Failure, Field, Panel, State, typedIn, Waiting } from './parts.tsx'
import type { Can } from './role.ts'
import { words } from './text.ts'

const { trigger: own } = words
const paceMs = 1_500

export function TriggersView({ api, can }: { api: ConsoleApi; can: Can }) {
  const { value, failure, look } = useLive(api.triggers, paceMs, 'triggers')
  return (
    <>
      <Failure error={failure} title={words.failed} />
      {!value && !failure && <Waiting />}
      {value?.items.map((trigger) => (
        <TriggerPanel key={trigger.name} api={api} trigger={trigger} can={can} changed={look} />
      ))}
    </>
  )
}

type PanelProps = { api: ConsoleApi; trigger: StreamTrigger; can: Can; changed: () => void }
function TriggerPanel({ api, trigger, can, changed }: PanelProps) {
  const running = trigger.state === 'Enabled' || trigger.state === 'Enabling'
  const toggle = useChange(
    (enabled: boolean) => api.changeTrigger(trigger.name, { enabled, expected: { enabled: running } }),
    (now: StreamTrigger) => {
      announce(now.state.startsWith('Dis') ? own.paused : own.resumed)
      changed()
    },
  )
  return (
    <Panel
      title={trigger.name}
      lead={own.lead(trigger.topic, trigger.function)}
      actions={
        can.operate && (
          <button type="button" class="action strong" disabled={toggle.running} onClick={() => toggle.run(!running)}>
            <Icon node={running ? Pause : Play} />
            {running ? own.pause : own.resume}
          </button>
        )
      }
    >
      <Failure error={toggle.failure} />
      <dl class="facts panel-foot">
        <dt>{own.state}</dt>
        <dd>
          <State state={trigger.state} />
        </dd>
        <dt>{own.lag}</dt>
        <dd data-testid="trigger-lag">{trigger.lag === undefined ? words.none : formatCount(trigger.lag)}</dd>
        {trigger.running !== undefined && (
          <>
            <dt>{own.running}</dt>
            <dd>{trigger.running}</dd>
          </>
        )}
        <dt>{own.group}</dt>
        <dd>
          <a href={address('groups', { name: trigger.consumer_group })}>{trigger.consumer_group}</a>
        </dd>
        {trigger.last_error && (
          <>
            <dt>{own.lastError}</dt>
            <dd>{trigger.last_error}</dd>
          </>
        )}
      </dl>
      <Settings api={api} trigger={trigger} editable={can.operate} changed={changed} />
    </Panel>
  )
}

type SettingName = keyof StreamTrigger['settings']

function Settings({ api, trigger, editable, changed }: Omit<PanelProps, 'can'> & { editable: boolean }) {
  const [drafts, setDrafts] = useState<Partial<Record<SettingName, number | boolean>>>({})
  // What stood there when the person began: the API refuses the change where it is not so any more.
  const [seen, setSeen] = useState<Partial<Record<SettingName, number | boolean>>>({})
  const forget = () => {
    setDrafts({})
    setSeen({})
  }
  const save = useChange(
    (change: StreamTriggerChange) => api.changeTrigger(trigger.name, change),
    () => {
      forget()
      announce(own.changed)
      changed()
    },
  )
  const names = Object.keys(own.setting) as SettingName[]
  return (
    <form
      class="settings-grid panel-foot"
      aria-label={own.settings}
      onSubmit={(event) => {
        event.preventDefault()
        save.run({ ...drafts, expected: seen } as StreamTriggerChange)
      }}
    >
      {names.map((name) => {
        const value = drafts[name] ?? trigger.settings[name]
        const set = (next: number | boolean) => {
          if (drafts[name] === undefined) setSeen({ ...seen, [name]: trigger.settings[name] })
          setDrafts({ ...drafts, [name]: next })
        }
        const note = trigger.changed.includes(name) && <span class="quiet small">{own.differs}</span>
        return typeof value === 'boolean' ? (
          <label class="check" key={name}>
            <input type="checkbox" checked={value} disabled={!editable} onChange={() => set(!value)} />{' '}
            {own.setting[name]} {note}
          </label>
        ) : (
          <Field key={name} label={own.setting[name]}>
            <input
              type="number"
              required
              disabled={!editable}
              value={value}
              onInput={(event) => set(Number(typedIn(event)))}
            />
            {note}
          </Field>
        )
      })}
      {editable && (
        <button type="submit" class="action" disabled={Object.keys(drafts).length === 0 || save.running}>
          {own.save}
        </button>
      )}
      {save.failure && (
        <button
          type="button"
          class="action"
          onClick={() => {
            forget()
            save.forget()
          }}
        >
          {words.topic.forget}
        </button>
      )}
      <Failure error={save.failure} />
    </form>
  )
}
