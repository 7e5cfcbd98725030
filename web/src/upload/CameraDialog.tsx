/** A picture from the computer's own camera. */
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Notice } from '../components/Notice.tsx'
import { formatClock } from '../format.ts'
import { text } from '../text.ts'

type CameraDialogProps = { readonly onPicture: (file: File) => void; readonly onClose: () => void }

const jpegQuality = 0.92

/** What the camera shows now, as a file. */
function photograph(video: HTMLVideoElement): Promise<File | undefined> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const name = `${text.upload.taken(formatClock(Date.now()).replaceAll(':', '.'))}.jpg`
  return new Promise((resolve) => {
    const done = (blob: Blob | null) => resolve(blob ? new File([blob], name, { type: blob.type }) : undefined)
    canvas.toBlob(done, 'image/jpeg', jpegQuality)
  })
}

export function CameraDialog({ onPicture, onClose }: CameraDialogProps) {
  const video = useRef<HTMLVideoElement>(null)
  const [state, setState] = useState<'starting' | 'ready' | 'refused'>('starting')

  useEffect(() => {
    let stream: MediaStream | undefined
    let closed = false
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    const wanted = { video: { width: { ideal: 1920 }, facingMode: 'environment' }, audio: false }
    // Absent outside secure contexts.
    const devices: MediaDevices | undefined = navigator.mediaDevices
    Promise.resolve(devices?.getUserMedia(wanted) ?? Promise.reject(new Error('no camera'))).then(
      (opened) => {
        stream = opened
        if (closed) return stop()
        if (video.current) video.current.srcObject = opened
      },
      () => setState('refused'),
    )
    return () => {
      closed = true
      stop()
    }
  }, [])

  async function shoot() {
    const file = video.current && (await photograph(video.current))
    if (file) onPicture(file)
    onClose()
  }
  return (
    <wa-dialog class="camera" open label={text.camera.title} onwa-after-hide={onClose}>
      {state === 'refused' ? (
        <Notice kind="warn" title={text.camera.refused} />
      ) : (
        // A camera that has been opened has no picture yet: its first frame takes a moment.
        <video
          ref={video}
          class="camera-picture"
          autoplay
          playsInline
          muted
          aria-label={text.camera.starting}
          onLoadedData={() => setState('ready')}
        />
      )}
      <div slot="footer" class="dialog-actions">
        <wa-button variant="neutral" appearance="outlined" onClick={onClose}>
          {text.camera.close}
        </wa-button>
        <wa-button variant="brand" appearance="accent" disabled={state !== 'ready'} onClick={() => void shoot()}>
          {text.camera.shoot}
        </wa-button>
      </div>
    </wa-dialog>
  )
}
