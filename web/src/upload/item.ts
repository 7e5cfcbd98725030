/** A file in the queue, as Uppy keeps it and as the page shows it. */
import type { UppyFile } from '@uppy/core'
import type { ApiError } from '../api.ts'

export type Phase = 'looking' | 'duplicate' | 'waiting' | 'sending' | 'checking' | 'retrying' | 'failed'

/** What has the same bytes: a photograph on the platform, or another file in the queue. */
export type Twin = { readonly name: string | undefined; readonly at?: string }

export type QueueItem = {
  readonly id: string
  readonly name: string
  readonly bytes: number
  readonly phase: Phase
  /** 0 to 1. */
  readonly progress: number
  readonly twin?: Twin
  /** It was being sent before the page was loaded. */
  readonly resumed: boolean
  readonly error?: { readonly message: string; readonly hint?: string; readonly requestId?: string }
  readonly file: Blob
}

/** An upload that was broken off and whose file the browser has not kept. */
export type UnfinishedItem = {
  readonly key: string
  readonly name: string
  readonly bytes: number
  /** Bytes that the platform has. */
  readonly arrived: number
}

export type Refusal = { readonly name: string; readonly why: string }

export type FileMeta = {
  idempotencyKey: string
  phase: Phase
  error?: ApiError | undefined
  sha256?: string | undefined
  uploadId?: string | undefined
  /** See `OutgoingFile`. */
  inBatch?: boolean | undefined
  announcedId?: string | undefined
  twin?: Twin | undefined
  resumed?: boolean
  /** The browser has a copy: leaving the page loses nothing. */
  kept?: boolean
  /** The person wants it sent although it is there already. */
  wanted?: boolean
  relativePath?: string | undefined
  [key: string]: unknown
}
export type FileBody = Record<string, never>
export type QueuedFile = UppyFile<FileMeta, FileBody>

export function itemOf(file: QueuedFile): QueueItem {
  const { phase, error, twin, resumed = false } = file.meta
  const sent = file.progress.bytesUploaded
  return {
    id: file.id,
    name: file.name ?? '',
    bytes: file.size ?? 0,
    phase,
    progress: typeof sent === 'number' && file.size ? sent / file.size : 0,
    resumed,
    file: file.data as Blob,
    ...(phase === 'duplicate' && twin && { twin }),
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
