/** Uploads that were broken off and whose files the browser has not kept: the person chooses them once more. */
import { useRef } from 'preact/hooks'
import { Notice } from '../components/Notice.tsx'
import { formatBytes } from '../format.ts'
import { text } from '../text.ts'
import type { UploadQueue } from './queue.ts'

export function UnfinishedList({ queue }: { queue: UploadQueue }) {
  const dialog = useRef<HTMLInputElement>(null)
  const unfinished = queue.unfinished.value
  if (unfinished.length === 0) return null
  return (
    <Notice kind="warn" title={text.upload.unfinished(unfinished.length)}>
      <ul class="unfinished">
        {unfinished.map(({ key, name, bytes, arrived }) => (
          <li key={key}>
            <span class="unfinished-words small">
              <strong>{name}</strong> {text.upload.unfinishedHint(formatBytes(arrived), formatBytes(bytes))}
            </span>
            <button
              type="button"
              class="text-button"
              aria-label={text.upload.chooseNamedAgain(name)}
              onClick={() => dialog.current?.click()}
            >
              {text.upload.chooseAgain}
            </button>
            <button
              type="button"
              class="text-button"
              aria-label={text.upload.giveUpNamed(name)}
              onClick={() => queue.giveUp(key)}
            >
              {text.upload.giveUp}
            </button>
          </li>
        ))}
      </ul>
      <input
        ref={dialog}
        hidden
        type="file"
        multiple
        aria-label={text.upload.unfinished(unfinished.length)}
        onChange={({ currentTarget }) => {
          queue.add([...(currentTarget.files ?? [])])
          currentTarget.value = ''
        }}
      />
    </Notice>
  )
}
