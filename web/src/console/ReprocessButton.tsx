/** Having one image processed again, after a look at what that means. */
import { useState } from 'preact/hooks'
import type { StreamReprocessed } from '../../../contract/stream-work-schemas.ts'
import { announce } from '../announce.ts'
import type { ConsoleApi } from './api.ts'
import { useChange } from './live.ts'
import { Preview } from './Preview.tsx'
import { Failure } from './parts.tsx'
import { words } from './text.ts'

const { messages: own } = words

export function ReprocessButton({ api, id, done }: { api: ConsoleApi; id: string; done: () => void }) {
  const [preview, setPreview] = useState<StreamReprocessed>()
  const look = useChange(() => api.reprocess(id, { dry_run: true }), setPreview)
  const apply = useChange(
    () => api.reprocess(id, {}),
    ({ way }: StreamReprocessed) => {
      setPreview(undefined)
      announce(own.reprocessed[way])
      done()
    },
  )
  return (
    <div class="reprocess">
      {!preview && (
        <button type="button" class="action" disabled={look.running} onClick={() => look.run(undefined)}>
          {own.reprocess}
        </button>
      )}
      <Failure error={look.failure ?? apply.failure} />
      {preview && (
        <Preview
          warnings={preview.warnings}
          running={apply.running}
          onApply={() => apply.run(undefined)}
          onCancel={() => setPreview(undefined)}
        >
          <p>
            <strong>{own.ways[preview.way]}</strong>
          </p>
        </Preview>
      )}
    </div>
  )
}
