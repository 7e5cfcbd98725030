/**
 * HEIC, which sharp's prebuilt libvips does not decode: libheif and libde265 in WebAssembly, called through libheif's C
 * interface, because its JavaScript one makes two more copies of all pixels and can be told no limit.
 */
import type { Libheif } from './libheif.ts'
import { tiffFile } from './tiff.ts'

/** libheif or one of its decoders refuses the file. */
export class HeicError extends Error {
  override readonly name = 'HeicError'
  readonly retriable = false
}

export type HeicOptions = {
  /** Width × height at most. */
  readonly pixels: number
  readonly alpha: boolean
  /** Goes into the result as it is. */
  readonly icc?: Uint8Array | undefined
}

export type HeicPicture = { readonly tiff: Uint8Array<ArrayBuffer>; readonly width: number; readonly height: number }

/** heif.h */
const colourspaceRgb = 1
const channelInterleaved = 10
const chroma = { 3: 10, 4: 11 } as const
/** Offsets in `heif_decoding_options` and `heif_security_limits`, for 32-bit pointers. */
const convertHdrTo8bit = 20
const strictDecoding = 21
const maxImageSizePixels = 8

/**
 * Decodes the primary image, turned and mirrored as the file says, to 8 bits a channel. Phones write a grid of tiles;
 * these are decoded one by one, so that the picture is held once and not four times.
 * @param heif used for nothing else before or after: what it allocates is not given back
 * @returns an uncompressed TIFF file, which libvips reads from memory strip by strip
 * @throws HeicError
 */
export function decodeHeic(heif: Libheif, bytes: Uint8Array, { pixels, alpha, icc }: HeicOptions): HeicPicture {
  const context = heif.call('_heif_context_alloc')
  const security = heif.call('_heif_context_get_security_limits', context)
  heif.view().setBigUint64(security + maxImageSizePixels, BigInt(pixels), true)
  heif.checked('_heif_context_read_from_memory_without_copy', context, heif.copied(bytes), bytes.length, 0)
  heif.checked('_heif_context_get_primary_image_handle', context, heif.out)
  const handle = heif.result()
  const options = heif.call('_heif_decoding_options_alloc')
  heif.view().setUint8(options + convertHdrTo8bit, 1)
  heif.view().setUint8(options + strictDecoding, 1)

  const channels = alpha ? 4 : 3
  const tiles = tilingOf(heif, handle)
  if (tiles) {
    const picture = emptyPicture(tiles.width, tiles.height)
    for (let n = 0; n < tiles.columns * tiles.rows; n += 1) {
      const [column, row] = [n % tiles.columns, Math.floor(n / tiles.columns)]
      const from = [colourspaceRgb, chroma[channels], options, column, row]
      heif.checked('_heif_image_handle_decode_image_tile', handle, heif.out, ...from)
      place(heif.result(), picture, column * tiles.tileWidth, row * tiles.tileHeight)
    }
    return picture
  }
  heif.checked('_heif_decode_image', handle, heif.out, colourspaceRgb, chroma[channels], options)
  const image = heif.result()
  const picture = emptyPicture(...sizeOf(image))
  place(image, picture, 0, 0)
  return picture

  function emptyPicture(width: number, height: number) {
    if (width < 1 || height < 1 || width * height > pixels) throw new HeicError(`A picture of ${width} × ${height}`)
    const { file, pixelsAt } = tiffFile({ width, height, channels, icc })
    return { tiff: file, width, height, pixelsAt }
  }

  function sizeOf(image: number): [width: number, height: number] {
    const size = (side: 'width' | 'height') => heif.call(`_heif_image_get_${side}`, image, channelInterleaved)
    return [size('width'), size('height')]
  }

  /** Copies a decoded image to its place, as far as it lies within the picture, and forgets it. */
  function place(
    image: number,
    { tiff, width, height, pixelsAt }: ReturnType<typeof emptyPicture>,
    x: number,
    y: number,
  ) {
    const plane = heif.call('_heif_image_get_plane_readonly', image, channelInterleaved, heif.out)
    const stride = heif.result()
    if (plane === 0) throw new HeicError('The decoder gives no pixels')
    const [imageWidth, imageHeight] = sizeOf(image)
    const rowBytes = Math.min(imageWidth, width - x) * channels
    for (let row = 0; row < Math.min(imageHeight, height - y); row += 1) {
      const from = plane + row * stride
      tiff.set(heif.memory().subarray(from, from + rowBytes), pixelsAt + ((y + row) * width + x) * channels)
    }
    heif.call('_heif_image_release', image)
  }
}

type Tiling = Readonly<Record<'columns' | 'rows' | 'tileWidth' | 'tileHeight' | 'width' | 'height', number>>

/** `heif_image_tiling` after turning and mirroring; undefined where the image is one piece, or cropped as well. */
function tilingOf(heif: Libheif, handle: number): Tiling | undefined {
  const transformed = 1
  const tiling = heif.call('_malloc', 128)
  heif.checked('_heif_image_handle_get_image_tiling', handle, transformed, tiling)
  const field = (n: number) => heif.view().getUint32(tiling + n * 4, true)
  const [columns, rows, tileWidth, tileHeight, width, height] = [1, 2, 3, 4, 5, 6].map(field) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (columns * rows <= 1 || field(7) !== 0 || field(8) !== 0) return undefined
  return { columns, rows, tileWidth, tileHeight, width, height }
}
