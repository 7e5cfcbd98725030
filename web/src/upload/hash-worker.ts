/** Computes SHA-256 beside the page, a file after the other; large ones as they are read, so that none is in memory. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

export type HashRequest = { readonly id: number; readonly blob: Blob }
export type HashAnswer = { readonly id: number; readonly hex?: string; readonly error?: string }

/** The browser's own is many times faster, but takes a file only whole. */
const wholeBytes = 32 * 1024 * 1024

async function hexOf(blob: Blob): Promise<string> {
  if (blob.size <= wholeBytes && crypto.subtle) {
    return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())))
  }
  const hash = sha256.create()
  const reader = blob.stream().getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) hash.update(part.value)
  return bytesToHex(hash.digest())
}

let last: Promise<unknown> = Promise.resolve()
addEventListener('message', ({ data: { id, blob } }: MessageEvent<HashRequest>) => {
  last = last
    .then(() => hexOf(blob))
    .then(
      (hex) => postMessage({ id, hex } satisfies HashAnswer),
      (error) => postMessage({ id, error: String(error) } satisfies HashAnswer),
    )
})
