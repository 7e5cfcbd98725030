/** How far back a chart goes; one choice for all charts. */
import { signal } from '@preact/signals'
import { type HistorySpan, historySpans } from '../../../platform/console.ts'
import { words } from './text.ts'

const names = Object.keys(historySpans) as HistorySpan[]
const chosen = signal<HistorySpan>('1h')

export function useSpan(): [HistorySpan, (span: HistorySpan) => void] {
  const set = (span: HistorySpan) => {
    chosen.value = span
  }
  return [chosen.value, set]
}

export const Spans = ({ value, set }: { value: HistorySpan; set: (span: HistorySpan) => void }) => (
  <fieldset class="segments">
    <legend class="visually-hidden">{words.overview.span}</legend>
    {names.map((name) => (
      <label key={name}>
        <input type="radio" name="span" checked={name === value} onChange={() => set(name)} />
        <span>{words.overview.spans[name]}</span>
      </label>
    ))}
  </fieldset>
)
