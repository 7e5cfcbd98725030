/** What a change would do, shown before it is made: the one look that every change of the console has. */
import type { ComponentChildren } from 'preact'
import { Warnings } from './parts.tsx'
import { words } from './text.ts'

type PreviewProps = {
  readonly children: ComponentChildren
  readonly warnings: readonly string[]
  /** What the button that makes the change says; `Apply` by default. */
  readonly label?: string
  readonly running: boolean
  readonly onApply: () => void
  readonly onCancel: () => void
}

export const Preview = ({ children, warnings, label = words.apply, running, onApply, onCancel }: PreviewProps) => (
  <div class="preview" role="status">
    <p>{words.dryRun}</p>
    {children}
    <Warnings warnings={warnings} />
    <div class="buttons">
      <button type="button" class="action strong" disabled={running} onClick={onApply}>
        {label}
      </button>
      <button type="button" class="action" onClick={onCancel}>
        {words.cancel}
      </button>
    </div>
  </div>
)
