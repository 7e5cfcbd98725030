/** What a row and the detail view say about an image. Pure. */
import type { ImageView, RenditionView } from '../../../contract/schemas.ts'
import { cameraName as nameOfCamera } from '../../../functions/shared/camera.ts'
import { formatDuration } from '../format.ts'

/** The rendition that stands for the original: recompressed in its own format, at full size. */
export const recompressed = (image: ImageView): RenditionView | undefined =>
  image.renditions.find(({ name }) => name === 'compressed')

/** The smallest picture that fills a box of this many CSS pixels on a dense screen. Lists carry a link to one only. */
export function pictureFor(renditions: readonly RenditionView[], pixels: number): RenditionView | undefined {
  const wanted = pixels * 2
  const shown = renditions
    .filter(({ url, content_type }) => url !== undefined && content_type !== 'image/tiff')
    .toSorted((a, b) => a.width * a.height - b.width * b.height || a.bytes - b.bytes)
  return shown.find(({ width, height }) => Math.max(width, height) >= wanted) ?? shown.at(-1)
}

/** How many other photographs in the list have the same bytes as each one, by id. */
export function duplicateCounts(images: readonly ImageView[]): ReadonlyMap<string, number> {
  const byContent = Map.groupBy(
    images.filter(({ sha256 }) => sha256 !== undefined),
    ({ sha256 }) => sha256,
  )
  return new Map(
    images.map(({ id, sha256, duplicates = [] }) => {
      const listed = sha256 ? (byContent.get(sha256)?.length ?? 1) - 1 : 0
      return [id, Math.max(listed, duplicates.length)]
    }),
  )
}

export type Step = { readonly status: ImageView['status']; readonly at: string; readonly since: string | undefined }

/** The timeline with the time that passed between its steps. */
export const steps = (image: ImageView): Step[] =>
  image.timeline.map(({ status, at }, n, all) => {
    const before = all[n - 1]
    return { status, at, since: before && formatDuration(Date.parse(at) - Date.parse(before.at)) }
  })

/** Stages that are still to come, so that a row keeps its width while it fills. */
export const remaining = (image: ImageView): ImageView['status'][] => {
  const order: ImageView['status'][] = ['received', 'published', 'processed']
  const at = order.indexOf(image.status)
  return at < 0 ? [] : order.slice(at + 1)
}

export const cameraName = ({ camera }: NonNullable<ImageView['metadata']>): string | undefined => nameOfCamera(camera)
