/** The steps that recipes can name: one line a step. */
export { attentionCrop } from './attention-crop.ts'
export { watermark } from './watermark.ts'
