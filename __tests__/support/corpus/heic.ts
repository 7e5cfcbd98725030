/** HEIC photographs, which nothing here can write: from phones and cameras, by what is special about each. */
import { fromCorpus } from '../../../hostile/corpora.ts'

const files = {
  /** iPhone 13 Pro, 4032 × 3024, Display P3, with a position; a grid of tiles. */
  phone: 'heif_other/pug.heic',
  /** iPhone 8 Plus, stored lying, shown upright as 3024 × 4032: an arrow that points up. */
  turned: 'heif_other/arrow.heic',
  /** 29 × 100, one piece, 8 bits. */
  small: 'heif/RGB_8__29x100.heif',
  /** 29 × 100, 12 bits. */
  deep: 'heif/RGB_12__29x100.heif',
  /** 29 × 100 with alpha. */
  alpha: 'heif/RGBA_8__29x100.heif',
  /** Its header tells another size than its picture has. */
  mismatched: 'heif_other/invalid_id.heic',
} as const

export const heic = (name: keyof typeof files): Promise<Buffer> => fromCorpus('pillow-heif', files[name])
