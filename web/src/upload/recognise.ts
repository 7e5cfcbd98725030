/** Recognising a file before a byte of it is sent: by its checksum, here in the queue and on the platform. */
import type { Hasher } from './hash.ts'
import type { QueuedFile, Twin } from './item.ts'
import type { AskKnown } from './known.ts'

export type Recogniser = ReturnType<typeof createRecogniser>

/** The platform finds an upload by its bytes within this time. */
const settleMs = 10_000

export function createRecogniser(hash: Hasher, known: AskKnown) {
  /** Which file of the queue has which bytes; the first one counts. */
  const claims = new Map<string, { readonly id: string; readonly name: string | undefined }>()

  function release(id: string) {
    for (const [sha256, claim] of claims) if (claim.id === id) claims.delete(sha256)
  }

  return {
    /** Never rejects: what cannot be looked up is sent, and the platform marks it as a duplicate afterwards. */
    async look(id: string, file: QueuedFile): Promise<{ sha256?: string; twin?: Twin }> {
      try {
        const sha256 = file.meta.sha256 ?? (await hash(file.data as Blob))
        const image = await known(sha256).catch(() => undefined)
        if (image) return { sha256, twin: { name: image.name, at: image.received_at } }
        const claim = claims.get(sha256)
        if (claim && claim.id !== id) return { sha256, twin: { name: claim.name } }
        claims.set(sha256, { id, name: file.name })
        return { sha256 }
      } catch {
        return {}
      }
    },
    accepted(id: string) {
      setTimeout(() => release(id), settleMs)
    },
    /** It was given up, so another one with the same bytes is no duplicate. */
    removed: release,
  }
}
