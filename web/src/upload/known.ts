/** Asking which files the person has uploaded before: many in one request, before any of their bytes are sent. */
import type { KnownImage } from '../../../contract/schemas.ts'

/** The most that one request asks for. */
const most = 100
/** Milliseconds in which further questions are waited for. */
const gatherMs = 25

export type AskKnown = (sha256: string) => Promise<KnownImage | undefined>

/** @param ask one request for all of these checksums; what is not known is not in the answer */
export function createKnown(ask: (sha256: readonly string[]) => Promise<readonly KnownImage[]>): AskKnown {
  let waiting = new Map<string, PromiseWithResolvers<KnownImage | undefined>>()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function flush() {
    clearTimeout(timer)
    timer = undefined
    const asked = waiting
    waiting = new Map()
    try {
      const found = new Map((await ask([...asked.keys()])).map((image) => [image.sha256, image]))
      for (const [sha256, { resolve }] of asked) resolve(found.get(sha256))
    } catch (error) {
      for (const { reject } of asked.values()) reject(error)
    }
  }

  return (sha256) => {
    const answer = waiting.get(sha256) ?? Promise.withResolvers<KnownImage | undefined>()
    waiting.set(sha256, answer)
    if (waiting.size >= most) void flush()
    else timer ??= setTimeout(() => void flush(), gatherMs)
    return answer.promise
  }
}
