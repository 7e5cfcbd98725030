/** Where photographs go in: the file dialog and the camera here, dropping and pasting anywhere on the page. */
import { Camera, FolderOpen, ImagePlus } from 'lucide'
import { useRef, useState } from 'preact/hooks'
import type { WebConfig } from '../../../contract/web.ts'
import { Icon } from '../components/Icon.tsx'
import { lazy } from '../components/Lazy.tsx'
import { formatLimit } from '../format.ts'
import { text } from '../text.ts'
import { typeNames } from './refusal.ts'

const CameraDialog = lazy(async () => (await import('./CameraDialog.tsx')).CameraDialog)

type DropAreaProps = { readonly config: WebConfig; readonly add: (files: readonly File[]) => void }

/** Phones and tablets have a camera application of their own, which is better than anything in a page. */
const hasCameraApplication = () => matchMedia('(pointer: coarse)').matches

/** Every browser has this attribute; Preact's types do not. */
const wholeFolder = { webkitdirectory: true }
/** Not on phones: their browsers know the attribute, but there are no folders to choose. */
const canChooseFolders = 'webkitdirectory' in HTMLInputElement.prototype && !hasCameraApplication()

export function DropArea({ config, add }: DropAreaProps) {
  const dialog = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const capture = useRef<HTMLInputElement>(null)
  const [camera, setCamera] = useState(false)

  function take(input: HTMLInputElement) {
    add([...(input.files ?? [])])
    // Choosing the same file again must be a change.
    input.value = ''
  }
  return (
    <section class="drop" aria-labelledby="upload-heading">
      <Icon node={ImagePlus} class="drop-icon" />
      <div class="drop-words">
        <h2 id="upload-heading">{text.upload.title}</h2>
        <p class="quiet drop-ways">{text.upload.or}</p>
      </div>
      <div class="drop-actions">
        <wa-button variant="brand" appearance="accent" onClick={() => dialog.current?.click()}>
          {text.upload.choose}
        </wa-button>
        {canChooseFolders && (
          <wa-button variant="neutral" appearance="outlined" onClick={() => folder.current?.click()}>
            <Icon node={FolderOpen} slot="start" />
            {text.upload.folder}
          </wa-button>
        )}
        <wa-button
          variant="neutral"
          appearance="outlined"
          onClick={() => (hasCameraApplication() ? capture.current?.click() : setCamera(true))}
        >
          <Icon node={Camera} slot="start" />
          {text.upload.camera}
        </wa-button>
      </div>
      <p class="drop-rules quiet small">
        {text.upload.formats(typeNames(config.imageTypes), formatLimit(config.maxBytes))}
      </p>
      <input
        ref={dialog}
        hidden
        type="file"
        multiple
        accept={config.imageTypes.join(',')}
        data-testid="file-input"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      <input
        ref={folder}
        hidden
        type="file"
        multiple
        {...wholeFolder}
        data-testid="folder-input"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      <input
        ref={capture}
        hidden
        type="file"
        accept="image/*"
        capture="environment"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      {camera && <CameraDialog onPicture={(file: File) => add([file])} onClose={() => setCamera(false)} />}
    </section>
  )
}
