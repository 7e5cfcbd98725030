/** Entry of the thread that decodes HEIC, one image at a time; `heic.mjs` in the function's package. */
import { parentPort, workerData } from 'node:worker_threads'
import { decodeHeic, HeicError } from './decode.ts'
import type { ThreadAnswer, ThreadData, ThreadJob } from './in-thread.ts'
import { openLibheif } from './libheif.ts'

const { compiled } = workerData as ThreadData

// Whatever is no refusal, a trap of WebAssembly for example, ends the thread with its error.
parentPort?.on('message', (job: ThreadJob) => {
  const answer = answerTo(job)
  parentPort?.postMessage(answer, 'picture' in answer ? [answer.picture.tiff.buffer] : [])
})

/** Each image has an instance of its own: nothing that one leaves behind is there for the next. */
function answerTo({ bytes, options }: ThreadJob): ThreadAnswer {
  const heif = openLibheif(compiled, (message) => new HeicError(message))
  try {
    const { tiff, width, height } = decodeHeic(heif, bytes, options)
    return { picture: { tiff, width, height }, memoryBytes: heif.memory().length }
  } catch (error) {
    if (error instanceof HeicError) return { refusal: error.message, memoryBytes: heif.memory().length }
    throw error
  }
}
