/**
 * A large file in parts, straight to the storage. What has arrived is asked for first, so after a break only the rest is
 * sent; whatever fails leaves the parts that are there.
 */
import PQueue from 'p-queue'
import type { Accepted, MultipartUpload } from '../../../contract/schemas.ts'
import { type Api, ApiError } from '../api.ts'
import type { sendBody } from './body.ts'
import type { OutgoingFile, SendOptions } from './send.ts'
import { storageRefused, storageUnreachable } from './storage-errors.ts'

/** Parts of all files together. Browsers open six connections to a host; some are left for pictures. */
const lane = new PQueue({ concurrency: 3 })

export async function sendInParts(
  { api, put }: { api: Api; put: typeof sendBody },
  file: OutgoingFile,
  options: SendOptions,
): Promise<Accepted> {
  const upload = await startOrGoOn(api, file, options.signal)
  options.onStarted?.(upload.id)
  const sent = new Map(upload.parts.map(({ number, bytes, arrived }) => [number, arrived ? bytes : 0]))
  const report = () => options.onProgress([...sent.values()].reduce((sum, bytes) => sum + bytes, 0))
  report()
  const missing = upload.parts.filter(({ arrived }) => !arrived)
  const results = await Promise.allSettled(
    missing.map(({ number, bytes, url = '' }) =>
      lane.add(async () => {
        const from = (number - 1) * upload.part_bytes
        const onProgress = (loaded: number) => {
          sent.set(number, Math.min(loaded, bytes))
          report()
        }
        const body = file.data.slice(from, from + bytes)
        const unreachable = () => storageUnreachable(url)
        try {
          const answer = await put(url, {}, body, { method: 'PUT', signal: options.signal, onProgress, unreachable })
          if (answer.status !== 200) throw storageRefused(answer.status)
          options.onArrived?.(bytes)
        } catch (error) {
          onProgress(0)
          throw error
        }
      }),
    ),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  options.onChecking()
  return api.completeUpload(upload.complete_url, options.signal)
}

async function startOrGoOn(api: Api, file: OutgoingFile, signal: AbortSignal): Promise<MultipartUpload> {
  if (file.uploadId) {
    try {
      return await api.uploadParts(file.uploadId, signal)
    } catch (error) {
      // Its term is over: it starts anew.
      if (!(error instanceof ApiError) || error.status !== 404) throw error
    }
  }
  const request = {
    content_type: file.type as never,
    bytes: file.data.size,
    name: file.name,
    ...(file.sha256 && { sha256: file.sha256 }),
  }
  return api.startMultipart(request, file.idempotencyKey, signal)
}
