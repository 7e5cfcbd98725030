/** A ThumbHash, 25 bytes that were computed when the image was processed, as a blurred picture of it. */
import { thumbHashToDataURL } from 'thumbhash'

const known = new Map<string, string>()

/** @param hash base64 @returns a `data:` address; undefined for what is no ThumbHash */
export function placeholder(hash: string): string | undefined {
  try {
    const url = known.get(hash) ?? thumbHashToDataURL(Uint8Array.from(atob(hash), (char) => char.charCodeAt(0)))
    known.set(hash, url)
    return url
  } catch {
    return undefined
  }
}
