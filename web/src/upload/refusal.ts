/** Whether a file is worth sending. What is refused here would be refused by the platform, only later. Pure. */
import type { WebConfig } from '../../../contract/web.ts'
import { formatBytes, formatLimit, formatList, formatType } from '../format.ts'
import { text } from '../text.ts'

type Candidate = { readonly name: string; readonly type: string; readonly size: number }
type Rules = Pick<WebConfig, 'imageTypes' | 'maxBytes'>

/** Browsers give no type to some files, and some systems call JPEG by another name. */
const typesByExtension: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jfif: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  heic: 'image/heic',
  heif: 'image/heic',
}

/** The type to send a file as: its own, or what its name says where the browser does not know. */
export function typeOf({ name, type }: Pick<Candidate, 'name' | 'type'>): string {
  if (type === 'image/jpg' || type === 'image/pjpeg') return 'image/jpeg'
  // The general name of the container; the platform looks at what is in it.
  if (type === 'image/heif') return 'image/heic'
  return type || (typesByExtension[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? '')
}

export const typeNames = (types: readonly string[]): string => formatList(types.map(formatType))

/** Why a file is not taken, in words for its owner; undefined for one that is. */
export function refusalOf(file: Candidate, { imageTypes, maxBytes }: Rules): string | undefined {
  const type = typeOf(file)
  if (!imageTypes.includes(type)) return text.refusal.type(typeNames(imageTypes))
  if (file.size === 0) return text.refusal.empty
  if (file.size > maxBytes) return text.refusal.large(formatBytes(file.size), formatLimit(maxBytes))
  return undefined
}
