/** What may be taken in, judged before anything is stored. Pure; every refusal says what to do. */
import { createHash } from 'node:crypto'
import { fileName } from '../../contract/schemas.ts'
import { type ImageType, imageTypes, limits, retention } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import { sniffImageType } from '../shared/sniff.ts'

const megabytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`
const taken = Object.keys(imageTypes).join(', ')

/** @throws RequestError 415 for a type that is not in the platform's list */
export function checkContentType(header: string | undefined): ImageType {
  const type = header?.split(';')[0]?.trim().toLowerCase()
  if (type && Object.hasOwn(imageTypes, type)) return type as ImageType
  throw new RequestError(415, 'unsupported-type', `Content-Type ${type ?? '(none)'} is not taken`, {
    hint: `Send one of ${taken}.`,
  })
}

/** @throws RequestError 400 for nothing, 413 above the limit for direct uploads */
export function checkDirectSize(bytes: number): void {
  if (bytes === 0)
    throw new RequestError(400, 'empty-body', 'The body is empty', { hint: 'Send the image as the body.' })
  if (bytes <= limits.directUploadBytes) return
  throw new RequestError(413, 'too-large', `The body exceeds ${megabytes(limits.directUploadBytes)}`, {
    hint: `Use POST /uploads for files of up to ${megabytes(limits.presignedUploadBytes)}.`,
  })
}

/**
 * Compares the first bytes with the declared type.
 * @param start at least the first 64 bytes, fewer where the file is shorter
 * @throws RequestError 415
 */
export function checkBytes(start: Uint8Array, declared: ImageType): void {
  const actual = sniffImageType(start)
  if (actual === declared) return
  if (actual === undefined) {
    throw new RequestError(415, 'not-an-image', 'The bytes are not an image that we know', {
      hint: `Send one of ${taken}.`,
    })
  }
  throw new RequestError(415, 'type-mismatch', `Declared as ${declared}, but the bytes are ${actual}`, {
    hint: `Send it with Content-Type: ${actual}.`,
  })
}

/**
 * The file's own name out of its percent-encoded header.
 * @throws RequestError 400 for paths and control characters: they are refused, never cleaned up silently
 */
export function checkFileName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  try {
    return fileName.parse(decodeURIComponent(header))
  } catch (cause) {
    throw new RequestError(400, 'invalid-file-name', 'X-File-Name is not a plain, percent-encoded file name', {
      cause,
      hint: 'Send only the name, without folders, percent-encoded as UTF-8.',
    })
  }
}

/**
 * How long the uploader wants the image kept.
 * @returns milliseconds, or undefined where nothing is said
 * @throws RequestError 400 for what is no whole number of seconds, too short, or beyond the promise
 */
export function checkRetention(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const milliseconds = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Number.NaN
  if (milliseconds >= retention.least && milliseconds <= retention.images) return milliseconds
  throw new RequestError(400, 'invalid-retention', 'X-Retention-Seconds is out of range', {
    hint: `Send a whole number from ${retention.least / 1000} to ${retention.images / 1000}, or leave it out.`,
  })
}

/** @throws RequestError 400 for keys that are empty, too long or not printable ASCII */
export function checkIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  if (header.length <= limits.idempotencyKeyLength && /^[\x21-\x7e]+$/.test(header)) return header
  throw new RequestError(400, 'invalid-idempotency-key', 'Idempotency-Key is not 1 to 128 printable characters', {
    hint: 'A UUID does well.',
  })
}

/**
 * Compares the body with a `Content-Digest` (RFC 9530), where the client sent one.
 * @returns the body's SHA-256, hexadecimal
 * @throws RequestError 400
 */
export function checkDigest(body: Uint8Array, header: string | undefined): string {
  const hash = createHash('sha256').update(body).digest()
  if (header === undefined) return hash.toString('hex')
  const claimed = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):/.exec(header)?.[1]
  if (!claimed) {
    throw new RequestError(400, 'invalid-digest', 'Content-Digest holds no sha-256', {
      hint: 'Send it as sha-256=:<base64>: or leave it out.',
    })
  }
  if (!hash.equals(Buffer.from(claimed, 'base64'))) {
    throw new RequestError(400, 'digest-mismatch', 'The body does not match its Content-Digest', {
      hint: 'It was damaged on the way: send it again.',
    })
  }
  return hash.toString('hex')
}
