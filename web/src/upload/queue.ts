/** The files that are on their way. Uppy keeps them; this gives them to the sender, several at once, and to the page. */
import { signal } from '@preact/signals'
import Uppy from '@uppy/core'
import PQueue from 'p-queue'
import type { Accepted, ImageView } from '../../../contract/schemas.ts'
import type { WebConfig } from '../../../contract/web.ts'
import { announce } from '../announce.ts'
import { ApiError } from '../api.ts'
import type { AcceptedFile } from '../images/store.ts'
import { text } from '../text.ts'
import { withRetries } from './attempts.ts'
import { type FileBody, type FileMeta, itemOf, type QueuedFile, type QueueItem, type Refusal } from './item.ts'
import type { Recogniser } from './recognise.ts'
import { refusalOf, typeOf } from './refusal.ts'
import type { Resumption } from './resume.ts'
import type { Sender } from './send.ts'

export type { Phase, QueueItem, Refusal } from './item.ts'

/** Browsers open six connections to a host; two are left for the list and its pictures. */
const atOnce = 4
/** With more files than this they go in batches. */
const fewFiles = 8
/** Files of batches under way at once, four of them with their bytes; the others are being announced or completed. */
const atOnceInBatches = 40
/** Larger files go in parts, of which a break loses one only. */
const batchFileBytes = 20 * 1024 * 1024
/** Of files in the queue: with more, the list waits for the platform's thumbnails. */
const previewsMost = 24
/** What the platform will never take under this key again. */
const needsNewKey = new Set(['erased', 'digest-mismatch', 'wrong-length', 'not-arrived', 'idempotency-key-reused'])

export type UploadQueue = ReturnType<typeof createUploadQueue>

/** @param send the way to the platform; the other two are left out where nothing shall be recognised or kept */
export type QueueParts = {
  readonly send: Sender
  readonly recogniser?: Recogniser
  readonly resumption?: Resumption
}

/** @param onAccepted the platform has the file; from here on it is in the list */
export function createUploadQueue(
  { send, recogniser, resumption }: QueueParts,
  config: Pick<WebConfig, 'imageTypes' | 'maxBytes'>,
  onAccepted: (file: AcceptedFile) => void,
) {
  const items = signal<readonly QueueItem[]>([])
  const refusals = signal<readonly Refusal[]>([])
  const lane = new PQueue({ concurrency: atOnce })
  const cancellations = new Map<string, AbortController>()
  /** Files that are leaving the queue because the platform has them. */
  const finished = new Set<string>()

  const uppy = new Uppy<FileMeta, FileBody>({
    autoProceed: true,
    onBeforeFileAdded: (file, files) => {
      const candidate = { name: file.name ?? '', type: file.type, size: file.size ?? 0 }
      const why = file.id in files ? text.refusal.already : refusalOf(candidate, config)
      if (why) refused.push({ name: file.meta.relativePath ?? candidate.name, why })
      return why === undefined
    },
  })
  /** Of the files that are being added; a folder may hold hundreds. */
  let refused: Refusal[] = []

  const fileOf = (id: string): QueuedFile | undefined => uppy.getState().files[id]

  /** A phase change, unless the file has been removed meanwhile. */
  function mark(id: string, meta: Partial<FileMeta>) {
    if (fileOf(id)) uppy.setFileMeta(id, meta as FileMeta)
  }

  /** Looks whether the file is there already, and sends it where it is not, or is wanted all the same. */
  async function admit(id: string): Promise<void> {
    const file = fileOf(id)
    if (!file) return
    if (recogniser && !file.meta.wanted) {
      mark(id, { phase: 'looking' })
      const { sha256, twin } = await recogniser.look(id, file)
      const fresh = resumption?.checked(file, sha256) ?? {}
      const held = twin && !file.meta.resumed
      mark(id, { sha256, ...fresh, ...(held ? { twin, phase: 'duplicate' } : { phase: 'waiting' }) })
      if (held) return
    }
    lane.concurrency = uppy.getFiles().length > fewFiles ? atOnceInBatches : atOnce
    await lane.add(() => upload(id))
  }

  async function upload(id: string): Promise<void> {
    if (!fileOf(id)) return
    const cancellation = new AbortController()
    cancellations.set(id, cancellation)
    const { signal } = cancellation
    let arrivedBytes = 0
    const advanced = () => {
      const some = arrivedBytes > 0
      arrivedBytes = 0
      return some
    }
    const onArrived = (bytes: number) => {
      arrivedBytes += bytes
    }
    try {
      const accepted = await withRetries(() => attempt(id, signal, onArrived), {
        signal,
        advanced,
        onRetry: () => mark(id, { phase: 'retrying' }),
      })
      arrived(id, accepted)
    } catch (error) {
      if (signal.aborted) return
      const failure = error instanceof ApiError ? error : new ApiError(0, { detail: (error as Error).message })
      mark(id, { phase: 'failed', error: failure })
      uppy.emit('upload-error', uppy.getFile(id), failure)
    } finally {
      cancellations.delete(id)
    }
  }

  async function attempt(id: string, signal: AbortSignal, onArrived: (bytes: number) => void): Promise<Accepted> {
    const file = uppy.getFile(id)
    const { idempotencyKey, sha256, uploadId, announcedId, inBatch = goesInBatch(file) } = file.meta
    mark(id, { inBatch })
    const data = file.data as Blob
    const ids = { idempotencyKey, uploadId, announcedId }
    const outgoing = { data, name: file.name ?? '', type: sentType(file), sha256, inBatch, ...ids }
    const uploadStarted = Date.now()
    // Without it Uppy records no progress; with it the bar of another attempt begins anew.
    uppy.emit('upload-start', [file])
    return send(outgoing, {
      signal,
      onProgress: (sent) => {
        const bytesUploaded = Math.min(sent, data.size)
        uppy.emit('upload-progress', uppy.getFile(id), { uploadStarted, bytesUploaded, bytesTotal: data.size })
      },
      onSending: () => mark(id, { phase: 'sending' }),
      onChecking: () => mark(id, { phase: 'checking' }),
      onStarted: (started) => {
        mark(id, { uploadId: started })
        resumption?.started(idempotencyKey, { uploadId: started }, sha256)
      },
      onAnnounced: (announced) => {
        if (announced === announcedId) return
        mark(id, { announcedId: announced })
        resumption?.started(idempotencyKey, { announcedId: announced }, sha256)
      },
      onArrived,
    })
  }

  const goesInBatch = ({ size, meta }: QueuedFile) =>
    !meta.resumed && !meta.uploadId && (size ?? 0) <= batchFileBytes && uppy.getFiles().length > fewFiles

  const sentType = (file: QueuedFile) => typeOf({ name: file.name ?? '', type: file.type })

  function arrived(id: string, accepted: Accepted) {
    const file = uppy.getFile(id)
    uppy.emit('upload-success', file, { status: 202, body: {} })
    announce(text.upload.accepted(file.name ?? ''))
    const type = sentType(file) as ImageView['content_type']
    // Browsers show no TIFF; and of a bulk upload nobody looks at each picture, which would be decoded in full size.
    const shows = type !== 'image/tiff' && uppy.getFiles().length <= previewsMost
    const preview = shows ? URL.createObjectURL(file.data as Blob) : undefined
    onAccepted({ accepted, name: file.name ?? '', bytes: file.size ?? 0, type, preview })
    finished.add(id)
    recogniser?.accepted(id)
    resumption?.done(file.meta.idempotencyKey)
    uppy.removeFile(id)
  }

  uppy.addUploader(async (ids) => {
    await Promise.all(ids.map(admit))
  })
  uppy.on('file-removed', ({ id, meta }) => {
    if (finished.delete(id)) return
    recogniser?.removed(id)
    resumption?.givenUp(meta.idempotencyKey, meta.uploadId ?? meta.announcedId)
    cancellations.get(id)?.abort(new DOMException('Cancelled', 'AbortError'))
  })

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

  const each = (phase: QueueItem['phase'], act: (id: string) => void) => {
    for (const file of uppy.getFiles()) if (file.meta.phase === phase) act(file.id)
  }
  const sendAnyway = (id: string) => {
    mark(id, { wanted: true, twin: undefined, phase: 'waiting' })
    void admit(id)
  }
  const retry = (id: string) => {
    const file = fileOf(id)
    const stale = needsNewKey.has(file?.meta.error?.code ?? '')
    const fresh = stale
      ? { idempotencyKey: crypto.randomUUID(), uploadId: undefined, announcedId: undefined, inBatch: undefined }
      : {}
    mark(id, { phase: 'waiting', error: undefined, ...fresh })
    void uppy.retryUpload(id)
  }

  return {
    items,
    refusals,
    unfinished: resumption?.unfinished ?? signal([]),
    add(files: readonly File[]) {
      const described = files.map((file) => ({
        name: file.name,
        type: file.type,
        data: file,
        source: 'page',
        meta: {
          idempotencyKey: crypto.randomUUID(),
          phase: 'waiting' as const,
          relativePath: pathOf(file),
          ...resumption?.taken(file),
        },
      }))
      refused = []
      uppy.addFiles(described)
      if (refused.length > 0) refusals.value = [...refusals.value, ...refused]
      resumption?.added(
        () => uppy.getFiles(),
        (id) => mark(id, { kept: true }),
      )
    },
    /** Goes on with what was being sent when the page was left. */
    async resume(): Promise<void> {
      const described = (await resumption?.kept()) ?? []
      if (described.length === 0) return
      announce(text.upload.goingOn(described.length))
      uppy.addFiles(described)
    },
    /** Before somebody signs out: what they were sending stays on nobody's disk. */
    leave: () => resumption?.forgetAll() ?? Promise.resolve(),
    giveUp: (key: string) => resumption?.givenUp(key),
    cancel: (id: string) => uppy.removeFile(id),
    cancelAll: () => uppy.cancelAll(),
    retry,
    retryAll: () => each('failed', retry),
    skipAll: () => each('duplicate', (id) => uppy.removeFile(id)),
    sendAnyway,
    sendAllAnyway: () => each('duplicate', sendAnyway),
    dismissRefusals() {
      refusals.value = []
    },
    /** Whether leaving the page would lose something. */
    get busy(): boolean {
      return uppy.getFiles().some(({ meta }) => meta.phase !== 'failed' && meta.phase !== 'duplicate' && !meta.kept)
    },
  }
}

/** Where a file lay in the folder that was dropped or chosen. */
function pathOf(file: File & { relativePath?: string | null }): string | undefined {
  return file.webkitRelativePath || file.relativePath?.replace(/^\//, '') || undefined
}
