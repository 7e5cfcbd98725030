/**
 * Original and recompressed, one over the other, with a slider between them. Web Awesome's comparison sets style
 * attributes, which the content security policy forbids; a range input also comes with its keys and its reading out.
 */
import { useState } from 'preact/hooks'
import { text } from '../../text.ts'

type CompareProps = { readonly before: string; readonly after: string; readonly name: string }

export function Compare({ before, after, name }: CompareProps) {
  const [percent, setPercent] = useState(50)
  return (
    <div class="compare">
      <img src={after} alt={`${text.detail.after}: ${name}`} />
      <img
        class="compare-before"
        src={before}
        alt={`${text.detail.before}: ${name}`}
        style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
      />
      <span class="compare-line" style={{ insetInlineStart: `${percent}%` }} aria-hidden="true" />
      <span class="compare-label start">{text.detail.before}</span>
      <span class="compare-label end">{text.detail.after}</span>
      <input
        class="compare-range"
        type="range"
        min={0}
        max={100}
        value={percent}
        aria-label={text.detail.divider}
        onInput={({ currentTarget }) => setPercent(Number(currentTarget.value))}
      />
    </div>
  )
}
