/** Trying the stream with an event, after a look at what the processor would make of it. */
import { useState } from 'preact/hooks'
import type { StreamTestEvent, StreamTestEventSent } from '../../../contract/stream-work-schemas.ts'
import { announce } from '../announce.ts'
import type { ConsoleApi } from './api.ts'
import { useChange } from './live.ts'
import { Failure, Field, typedIn } from './parts.tsx'
import { words } from './text.ts'

const { test: own } = words

export function TestEvent({ api, sent }: { api: ConsoleApi; sent: () => void }) {
  const [value, setValue] = useState('')
  const [result, setResult] = useState<StreamTestEventSent>()
  const asked: StreamTestEvent = value.trim() === '' ? {} : { value }
  const look = useChange((event: StreamTestEvent) => api.testEvent({ ...event, dry_run: true }), setResult)
  const send = useChange(api.testEvent, (answer: StreamTestEventSent) => {
    setResult(answer)
    announce(own.sent(`${answer.topic}-${answer.partition}@${answer.offset}`))
    sent()
  })
  return (
    <details class="panel fold">
      <summary>{own.title}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          look.run(asked)
        }}
      >
        <Field label={own.value}>
          <textarea
            class="mono"
            rows={3}
            maxLength={4096}
            value={value}
            placeholder={own.placeholder}
            onInput={(event) => {
              setValue(typedIn(event))
              setResult(undefined)
            }}
          />
        </Field>
        <p class="quiet small">{own.hint}</p>
        <button type="submit" class="action" disabled={look.running}>
          {words.preview}
        </button>
      </form>
      <Failure error={look.failure ?? send.failure} />
      {result && (
        <div class="preview" role="status">
          <p>{result.dry_run ? words.dryRun : own.sent(`${result.topic}-${result.partition}@${result.offset}`)}</p>
          <p class="mono small breaks">{result.value}</p>
          <p>
            <strong>{own.outcomes[result.outcome]}</strong> {result.why}
          </p>
          {result.dry_run && (
            <div class="buttons">
              <button
                type="button"
                class="action strong"
                disabled={send.running}
                // The very value that was shown.
                onClick={() => send.run({ value: result.value })}
              >
                {own.send}
              </button>
              <button type="button" class="action" onClick={() => setResult(undefined)}>
                {words.cancel}
              </button>
            </div>
          )}
        </div>
      )}
    </details>
  )
}
