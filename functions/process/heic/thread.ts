/** Entry of the thread that decodes one HEIC image; `heic.mjs` in the function's package. */
import { parentPort, workerData } from 'node:worker_threads'
import { decodeHeic, type HeicOptions } from './decode.ts'

const { bytes, options } = workerData as { bytes: Uint8Array; options: HeicOptions }
const { tiff, width, height } = decodeHeic(bytes, options)
parentPort?.postMessage({ tiff, width, height }, [tiff.buffer])
