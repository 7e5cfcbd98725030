/**
 * Links by which anybody sees one rendition for a time. A presigned address cannot do it: in the cloud it ends with the
 * session of the role that signed it, and it cannot be taken back. The token is the image's id and a secret of 256
 * bits; the row keeps the secret's hash, so that neither a backup nor an index nor a reader of the table can open a link.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { LinkRequest, LinkView } from '../../contract/personal-schemas.ts'
import { sharing } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { ImageRow, Rendition, SharedLink } from '../shared/image.ts'
import { isImageId } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'

const secretBytes = 32
const idBytes = 16

const hashOf = (secret: Uint8Array): string => createHash('sha256').update(secret).digest('hex')

/** The id's sixteen bytes and the secret, as one word. */
export const tokenOf = (imageId: string, secret: Uint8Array): string =>
  Buffer.concat([Buffer.from(imageId.replaceAll('-', ''), 'hex'), secret]).toString('base64url')

/** @returns undefined for what no link can have */
export function readToken(token: string): { imageId: string; secret: Uint8Array } | undefined {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.byteLength !== idBytes + secretBytes || bytes.toString('base64url') !== token) return undefined
  const hex = bytes.subarray(0, idBytes).toString('hex')
  const imageId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return isImageId(imageId) ? { imageId, secret: bytes.subarray(idBytes) } : undefined
}

type LinkParts = { readonly ledger: Pick<Ledger, 'addLink' | 'removeLink'>; readonly clock: () => number }

/**
 * Makes a link that ends with the chosen time, or with the image.
 * @param base public address of the API
 * @throws RequestError 400 for a time that there is not to choose, 404 for an unknown rendition, 409
 */
export async function createLink(
  { ledger, clock }: LinkParts,
  row: ImageRow,
  { rendition, seconds }: LinkRequest,
  base: string,
): Promise<LinkView> {
  const now = clock()
  if (!sharing.seconds.includes(seconds)) {
    const choice = sharing.seconds.join(', ')
    throw new RequestError(400, 'invalid-request', `seconds: must be one of ${choice}`)
  }
  if (row.status !== 'processed') {
    throw new RequestError(409, 'not-ready', 'Only an image that is ready can be shared')
  }
  if (!row.renditions?.some(({ name }) => name === rendition)) {
    throw new RequestError(404, 'unknown-rendition', 'The image has no such rendition')
  }
  for (const [id, { expiresAt }] of Object.entries(row.links ?? {})) {
    if (expiresAt <= now) await ledger.removeLink(row.id, row.ownerId, id)
  }
  const id = randomBytes(9).toString('hex')
  const secret = randomBytes(secretBytes)
  const link: SharedLink = {
    rendition,
    hash: hashOf(secret),
    createdAt: now,
    expiresAt: Math.min(now + seconds * 1000, row.expiresAt),
  }
  if (!(await ledger.addLink(row.id, row.ownerId, id, link))) {
    throw new RequestError(409, 'too-many-links', `An image has ${sharing.perImage} links at most`, {
      hint: 'End one of them first.',
    })
  }
  return { ...linkView(id, link, row.expiresAt), url: `${base}/shared/${tokenOf(row.id, secret)}` }
}

/** Those that hold, newest first. */
export const linkViews = (row: ImageRow, now: number): LinkView[] =>
  Object.entries(row.links ?? {})
    .filter(([, { expiresAt }]) => Math.min(expiresAt, row.expiresAt) > now)
    .sort(([, a], [, b]) => b.createdAt - a.createdAt)
    .map(([id, link]) => linkView(id, link, row.expiresAt))

const linkView = (id: string, { rendition, createdAt, expiresAt }: SharedLink, imageEnds: number): LinkView => ({
  id,
  rendition,
  created_at: new Date(createdAt).toISOString(),
  expires_at: new Date(Math.min(expiresAt, imageEnds)).toISOString(),
})

/** What a link leads to. `ended`: it did, but its time is over. `unknown`: anything else, for whatever reason. */
export type Shared =
  | { readonly kind: 'open'; readonly rendition: Rendition; readonly expiresAt: number }
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown' }

export async function openLink(ledger: Pick<Ledger, 'get'>, token: string, now: number): Promise<Shared> {
  const found = readToken(token)
  const row = found && (await ledger.get(found.imageId))
  if (found === undefined || row?.status !== 'processed') return { kind: 'unknown' }
  const hash = Buffer.from(hashOf(found.secret))
  const link = Object.values(row.links ?? {}).find((known) => timingSafeEqual(Buffer.from(known.hash), hash))
  if (!link) return { kind: 'unknown' }
  const expiresAt = Math.min(link.expiresAt, row.expiresAt)
  if (expiresAt <= now) return { kind: 'ended' }
  const rendition = row.renditions?.find(({ name }) => name === link.rendition)
  return rendition ? { kind: 'open', rendition, expiresAt } : { kind: 'unknown' }
}
