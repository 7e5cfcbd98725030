/** The files that are on their way. Uppy keeps them; this gives them to the sender, several at once, and to the page. */
import { signal } from '@preact/signals'
import Uppy, { type UppyFile } from '@uppy/core'
import PQueue from 'p-queue'
import type { Accepted, ImageView } from '../../../contract/schemas.ts'
import type { WebConfig } from '../../../contract/web.ts'
import { announce } from '../announce.ts'
import { ApiError } from '../api.ts'
import type { AcceptedFile } from '../images/store.ts'
import { text } from '../text.ts'
import { refusalOf, typeOf } from './refusal.ts'
import type { Sender } from './send.ts'

export type Phase = 'waiting' | 'sending' | 'checking' | 'retrying' | 'failed'
export type QueueItem = {
  readonly id: string
  readonly name: string
  readonly bytes: number
  readonly phase: Phase
  /** 0 to 1. */
  readonly progress: number
  readonly error?: { readonly message: string; readonly hint?: string; readonly requestId?: string }
  readonly file: Blob
}
export type Refusal = { readonly name: string; readonly why: string }

type FileMeta = {
  idempotencyKey: string
  phase: Phase
  error?: ApiError
  [key: string]: unknown
}
type FileBody = Record<string, never>
type QueuedFile = UppyFile<FileMeta, FileBody>

/** Browsers open six connections to a host; two are left for the list and its pictures. */
const atOnce = 4
/** Pauses before further attempts, in milliseconds; then the person is asked. */
const retryPauses = [1_000, 3_000, 8_000]

export type UploadQueue = ReturnType<typeof createUploadQueue>

/** @param onAccepted the platform has the file; from here on it is in the list */
export function createUploadQueue(
  send: Sender,
  config: Pick<WebConfig, 'imageTypes' | 'maxBytes'>,
  onAccepted: (file: AcceptedFile) => void,
) {
  const items = signal<readonly QueueItem[]>([])
  const refusals = signal<readonly Refusal[]>([])
  const lane = new PQueue({ concurrency: atOnce })
  const cancellations = new Map<string, AbortController>()

  const uppy = new Uppy<FileMeta, FileBody>({
    autoProceed: true,
    onBeforeFileAdded: (file, files) => {
      const candidate = { name: file.name ?? '', type: file.type, size: file.size ?? 0 }
      const why = file.id in files ? text.refusal.already : refusalOf(candidate, config)
      if (why) refusals.value = [...refusals.value, { name: candidate.name, why }]
      return why === undefined
    },
  })

  /** A phase change, unless the file has been removed meanwhile. */
  function mark(id: string, meta: Partial<FileMeta>) {
    if (uppy.getState().files[id]) uppy.setFileMeta(id, meta as FileMeta)
  }

  async function attempt(file: QueuedFile, signal: AbortSignal): Promise<Accepted> {
    const outgoing = {
      data: file.data as Blob,
      name: file.name ?? '',
      type: typeOf({ name: file.name ?? '', type: file.type }),
      idempotencyKey: file.meta.idempotencyKey,
    }
    const uploadStarted = Date.now()
    // Without it Uppy records no progress; with it the bar of another attempt begins anew.
    uppy.emit('upload-start', [uppy.getFile(file.id)])
    return send(outgoing, {
      signal,
      onProgress: (sent) => {
        const bytesUploaded = Math.min(sent, outgoing.data.size)
        uppy.emit('upload-progress', uppy.getFile(file.id), {
          uploadStarted,
          bytesUploaded,
          bytesTotal: outgoing.data.size,
        })
      },
      onChecking: () => mark(file.id, { phase: 'checking' }),
    })
  }

  async function upload(id: string): Promise<void> {
    const file = uppy.getState().files[id]
    if (!file) return
    const cancellation = new AbortController()
    cancellations.set(id, cancellation)
    const { signal } = cancellation
    try {
      for (const pause of [...retryPauses, undefined]) {
        mark(id, { phase: 'sending' })
        try {
          const accepted = await attempt(file, signal)
          return arrived(file, accepted)
        } catch (error) {
          if (signal.aborted) return
          if (pause === undefined || !(error instanceof ApiError) || !error.retriable) throw error
          mark(id, { phase: 'retrying' })
          await untilWorthTrying(error.retryAfter ?? pause, signal)
        }
      }
    } catch (error) {
      if (signal.aborted) return
      const failure = error instanceof ApiError ? error : new ApiError(0, { detail: (error as Error).message })
      mark(id, { phase: 'failed', error: failure })
      uppy.emit('upload-error', uppy.getFile(id), failure)
    } finally {
      cancellations.delete(id)
    }
  }

  function arrived(file: QueuedFile, accepted: Accepted) {
    uppy.emit('upload-success', uppy.getFile(file.id), { status: 202, body: {} })
    announce(text.upload.accepted(file.name ?? ''))
    const type = typeOf({ name: file.name ?? '', type: file.type }) as ImageView['content_type']
    // Browsers show no TIFF.
    const preview = type === 'image/tiff' ? undefined : URL.createObjectURL(file.data as Blob)
    onAccepted({ accepted, name: file.name ?? '', bytes: file.size ?? 0, type, preview })
    uppy.removeFile(file.id)
  }

  uppy.addUploader(async (ids) => {
    await Promise.all(ids.map((id) => lane.add(() => upload(id))))
  })
  uppy.on('file-removed', ({ id }) => cancellations.get(id)?.abort(new DOMException('Cancelled', 'AbortError')))

  // State changes come with every progress event of every file; the page needs one picture a frame.
  let scheduled = false
  uppy.on('state-update', () => {
    if (scheduled) return
    scheduled = true
    requestAnimationFrame(() => {
      scheduled = false
      items.value = uppy.getFiles().map(itemOf)
    })
  })

  return {
    items,
    refusals,
    add(files: readonly File[]) {
      const described = files.map((file) => ({
        name: file.name,
        type: file.type,
        data: file,
        source: 'page',
        meta: { idempotencyKey: crypto.randomUUID(), phase: 'waiting' as const },
      }))
      uppy.addFiles(described)
    },
    cancel: (id: string) => uppy.removeFile(id),
    cancelAll: () => uppy.cancelAll(),
    retry(id: string) {
      mark(id, { phase: 'waiting', error: undefined })
      void uppy.retryUpload(id)
    },
    retryAll() {
      for (const { id, phase } of items.value) if (phase === 'failed') this.retry(id)
    },
    dismissRefusals() {
      refusals.value = []
    },
    /** Whether leaving the page would lose something. */
    get busy(): boolean {
      return uppy.getFiles().some(({ meta }) => meta.phase !== 'failed')
    },
  }
}

function itemOf(file: QueuedFile): QueueItem {
  const { phase, error } = file.meta
  const sent = file.progress.bytesUploaded
  return {
    id: file.id,
    name: file.name ?? '',
    bytes: file.size ?? 0,
    phase,
    progress: typeof sent === 'number' && file.size ? sent / file.size : 0,
    file: file.data as Blob,
    ...(phase === 'failed' &&
      error && {
        error: {
          message: error.message,
          ...(error.hint && { hint: error.hint }),
          ...(error.requestId && { requestId: error.requestId }),
        },
      }),
  }
}

/** Waits; and while the browser knows that it is offline, for as long as it is. */
async function untilWorthTrying(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
  if (navigator.onLine || signal.aborted) return
  await new Promise<void>((go) => {
    addEventListener('online', () => go(), { once: true })
    signal.addEventListener('abort', () => go(), { once: true })
  })
}
