/** SHA-256 of files, computed in a worker that is started with the first one. */
import type { HashAnswer, HashRequest } from './hash-worker.ts'

export type Hasher = (file: Blob) => Promise<string>

const startWorker = () => new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' })

/** @returns a function that gives a file's SHA-256 in hexadecimal; it rejects where the file cannot be read any more */
export function createHasher(start: () => Worker = startWorker): Hasher {
  let worker: Worker | undefined
  let count = 0
  const waiting = new Map<number, PromiseWithResolvers<string>>()

  function failAll(reason: string) {
    for (const { reject } of waiting.values()) reject(new Error(reason))
    waiting.clear()
    worker?.terminate()
    worker = undefined
  }

  function running(): Worker {
    if (worker) return worker
    worker = start()
    worker.onmessage = ({ data: { id, hex, error } }: MessageEvent<HashAnswer>) => {
      const answer = waiting.get(id)
      waiting.delete(id)
      if (hex === undefined) answer?.reject(new Error(error))
      else answer?.resolve(hex)
    }
    worker.onerror = () => failAll('The worker ended')
    return worker
  }

  return (blob) => {
    const id = ++count
    const answer = Promise.withResolvers<string>()
    waiting.set(id, answer)
    running().postMessage({ id, blob } satisfies HashRequest)
    return answer.promise
  }
}
