/** Sending an image in parts. */
import type { Client } from './client.ts'
import { note, type Upload } from './history.ts'
import type { Sample } from './images.ts'

type Part = { readonly number: number; readonly bytes: number; readonly arrived: boolean; readonly url?: string }

/**
 * Sends what the platform says is missing.
 * @param state the platform's answer
 * @returns whether all of it is there
 */
export async function sendParts(
  client: Client,
  upload: Upload,
  { bytes }: Sample,
  state: Record<string, unknown>,
): Promise<boolean> {
  const { parts, part_bytes: partBytes } = state as { parts: Part[]; part_bytes: number }
  const missing = parts.filter(({ arrived }) => !arrived)
  note(upload, `${missing.length} of ${parts.length} parts to send`)
  const statuses = await Promise.all(
    missing.map(({ number, bytes: length, url = '' }) => {
      const start = (number - 1) * partBytes
      return client.store(upload, { method: 'PUT', url, body: new Uint8Array(bytes.subarray(start, start + length)) })
    }),
  )
  return statuses.every((status) => status !== undefined && status < 300)
}
