/**
 * HEIC in a thread of its own: WebAssembly blocks its thread, so that the process could neither keep its clock nor notice
 * that nobody waits any more. Its memory only ever grows, until the thread ends; one that has stayed small takes the
 * next image as well, because starting it costs five times what a small picture does.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { HeicError, type HeicOptions, type HeicPicture } from './decode.ts'
import { libheifFile } from './libheif.ts'

export type ThreadData = { readonly compiled: WebAssembly.Module }
export type ThreadJob = { readonly bytes: Uint8Array; readonly options: HeicOptions }
/** `memoryBytes`: what the image has made WebAssembly's memory grow to. */
export type ThreadAnswer = { readonly memoryBytes: number } & (
  | { readonly picture: HeicPicture }
  | { readonly refusal: string }
)

/** The bundle has the thread's entry beside it; run from source, it is TypeScript. */
const threadEntry = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, 'thread.ts')
  : join(import.meta.dirname, 'heic.mjs')

/** libheif begins with 17 MB. A phone's photograph takes some 60, which only the thread's end gives back. */
const keptBytes = 24 * 1024 * 1024

/** Compiled once for all threads: what V8 has optimised for one image is there for the next. */
let compiled: Promise<WebAssembly.Module> | undefined
/** Waits for an image. */
let idle: Worker | undefined

/**
 * @param signal ends the thread
 * @returns the picture, as an uncompressed TIFF file
 * @throws HeicError where the file is refused; Error where the decoder breaks down
 */
export async function decodeHeicInThread(
  bytes: Uint8Array,
  options: HeicOptions,
  signal: AbortSignal,
): Promise<HeicPicture> {
  compiled ??= readFile(libheifFile()).then((file) => WebAssembly.compile(file))
  // A failure must not be remembered for the images to come.
  compiled.catch(() => {
    compiled = undefined
  })
  const data: ThreadData = { compiled: await compiled }
  const thread = idle ?? new Worker(threadEntry, { workerData: data, stdout: true, stderr: true })
  idle = undefined
  thread.ref()
  let isReusable = false
  const settled = new AbortController()
  const either = { signal: AbortSignal.any([signal, settled.signal]) }
  try {
    thread.postMessage({ bytes, options } satisfies ThreadJob)
    const [answer] = (await Promise.race([
      once(thread, 'message', either),
      once(thread, 'exit', either).then(([code]) =>
        Promise.reject(new Error(`The decoder's thread ended with ${code}`)),
      ),
    ])) as [ThreadAnswer]
    isReusable = answer.memoryBytes <= keptBytes && !idle
    if ('refusal' in answer) throw new HeicError(answer.refusal)
    return answer.picture
  } finally {
    settled.abort()
    if (isReusable) keep(thread)
    else await thread.terminate()
  }
}

/** Keeps no process alive that has nothing else to do. */
function keep(thread: Worker): void {
  thread.unref()
  idle = thread
}
