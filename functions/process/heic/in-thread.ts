/**
 * HEIC in a thread of its own, for one image: WebAssembly blocks its thread, so that the process could neither keep its
 * clock nor notice that nobody waits any more; and its memory only ever grows, until the thread ends.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { HeicOptions, HeicPicture } from './decode.ts'

/** The bundle has the thread's entry beside it; run from source, it is TypeScript. */
const threadEntry = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, 'thread.ts')
  : join(import.meta.dirname, 'heic.mjs')

/**
 * @param signal ends the thread
 * @returns the picture, as an uncompressed TIFF file
 * @throws HeicError (by its name) where the file is refused; Error where the decoder breaks down
 */
export async function decodeHeicInThread(
  bytes: Uint8Array,
  options: HeicOptions,
  signal: AbortSignal,
): Promise<HeicPicture> {
  const thread = new Worker(threadEntry, { workerData: { bytes, options }, stdout: true, stderr: true })
  try {
    const [picture] = await once(thread, 'message', { signal })
    return picture as HeicPicture
  } finally {
    await thread.terminate()
  }
}
