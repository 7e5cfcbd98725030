/** Going on with uploads after the page was left: what is kept of them, and what the person is asked for again. */
import { signal } from '@preact/signals'
import { type Api, ApiError } from '../api.ts'
import type { FileMeta, QueuedFile, UnfinishedItem } from './item.ts'
import type { Kept, KeptUpload } from './kept.ts'

export type Resumption = ReturnType<typeof createResumption>

export type ResumptionParts = {
  readonly kept: Kept
  readonly api: Pick<Api, 'uploadParts' | 'abortUpload'>
  /** Who is signed in. */
  readonly owner: () => string | undefined
  /** Larger files are kept at once, the others only where they wait for a while: most are gone before. */
  readonly largeBytes: number
}

const waitMs = 2_000
/** Of small files that wait, together: copying them takes the disk that others need. */
const smallBytesMost = 256 * 1024 * 1024

export function createResumption({ kept, api, owner, largeBytes }: ResumptionParts) {
  const unfinished = signal<readonly UnfinishedItem[]>([])
  /** Those of `unfinished`, with what must be the same of the file that is chosen for them. */
  const asked = new Map<string, KeptUpload>()
  const keeping = new Set<string>()
  let smallBytes = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function keep(file: QueuedFile, onKept: (id: string) => void) {
    const { idempotencyKey: key, sha256, uploadId, announcedId, relativePath } = file.meta
    const [by, data] = [owner(), file.data as File]
    if (by === undefined || keeping.has(key)) return
    keeping.add(key)
    const upload = {
      key,
      owner: by,
      name: file.name ?? '',
      type: file.type,
      bytes: data.size,
      lastModified: data.lastModified,
      ...(relativePath !== undefined && { path: relativePath }),
      ...(sha256 !== undefined && { sha256 }),
      ...(uploadId !== undefined && { uploadId }),
      ...(announcedId !== undefined && { announcedId }),
    }
    void kept.keep(upload, data).then((whole) => whole && onKept(file.id))
  }

  function settle(key: string) {
    asked.delete(key)
    unfinished.value = unfinished.value.filter((item) => item.key !== key)
  }

  /** What the platform has of an upload whose file is gone; asks for the file where the platform still waits for it. */
  async function ask(upload: KeptUpload): Promise<void> {
    const { key, name, bytes, uploadId } = upload
    let arrived = 0
    try {
      const parts = uploadId ? (await api.uploadParts(uploadId)).parts : []
      arrived = parts.reduce((sum, part) => sum + (part.arrived ? part.bytes : 0), 0)
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return void kept.forget(key)
    }
    asked.set(key, upload)
    unfinished.value = [...unfinished.value, { key, name, bytes, arrived }]
  }

  return {
    unfinished,
    /** @returns what was being sent and is here whole, as Uppy takes it; `unfinished` names the rest */
    async kept() {
      const by = owner()
      const all = by === undefined ? [] : await kept.takeOver(by)
      const whole: Parameters<typeof describe>[0][] = []
      for (const upload of all) {
        if (upload.file) whole.push({ ...upload, file: upload.file })
        else await ask(upload)
      }
      for (const { key } of whole) keeping.add(key)
      return whole.map(describe)
    },

    /** Whether this may be a file that is being waited for; its bytes are looked at before it is believed. */
    taken(file: File): Partial<FileMeta> {
      for (const { key, name, bytes, uploadId } of asked.values()) {
        if (name === file.name && bytes === file.size) return { idempotencyKey: key, uploadId, resumed: true }
      }
      return {}
    },

    /** @returns a new key for a file that is another one than was waited for */
    checked({ meta: { idempotencyKey: key } }: QueuedFile, sha256: string | undefined): Partial<FileMeta> {
      const expected = asked.get(key)
      if (!expected) return {}
      if (expected.sha256 !== undefined && expected.sha256 !== sha256) {
        return { idempotencyKey: crypto.randomUUID(), uploadId: undefined, resumed: false }
      }
      settle(key)
      return {}
    },

    /** @param files of the queue; @param onKept is told of each whose file is safe */
    added(files: () => readonly QueuedFile[], onKept: (id: string) => void) {
      for (const file of files()) if ((file.size ?? 0) > largeBytes) keep(file, onKept)
      if (timer !== undefined) return
      timer = setTimeout(() => {
        timer = undefined
        for (const file of files()) {
          smallBytes += file.size ?? 0
          if (smallBytes > smallBytesMost) break
          keep(file, onKept)
        }
        smallBytes = 0
      }, waitMs)
    },

    started(
      key: string,
      id: { readonly uploadId: string } | { readonly announcedId: string },
      sha256: string | undefined,
    ) {
      if (keeping.has(key)) void kept.change(key, { ...id, ...(sha256 && { sha256 }) })
    },

    done(key: string) {
      if (keeping.delete(key)) void kept.forget(key)
    },

    /** The person does not want it any more: the platform forgets what it has, at once. */
    givenUp(key: string, uploadId = asked.get(key)?.uploadId) {
      settle(key)
      keeping.delete(key)
      void kept.forget(key)
      // Where this fails, the platform forgets it a day after it was started.
      if (uploadId) void api.abortUpload(uploadId).catch(() => {})
    },

    async forgetAll(): Promise<void> {
      const by = owner()
      if (by !== undefined) await kept.forgetAll(by)
    },
  }
}

const describe = ({
  key,
  name,
  type,
  file,
  path,
  sha256,
  uploadId,
  announcedId,
}: KeptUpload & { readonly file: Blob }) => ({
  name,
  type,
  data: file,
  source: 'page',
  meta: {
    idempotencyKey: key,
    phase: 'waiting' as const,
    relativePath: path,
    sha256,
    uploadId,
    announcedId,
    resumed: true,
    kept: true,
  },
})
