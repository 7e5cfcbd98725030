/** Erasing many: in pieces that one request takes, a few at once, with what failed told apart from what was not reached. */
import pMap from 'p-map'
import { bulkErasure } from '../../../platform.ts'
import { type Api, ApiError } from '../api.ts'

export type BulkFailure = { readonly id: string; readonly code: string; readonly detail: string }
export type BulkProgress = {
  readonly total: number
  readonly erased: number
  readonly failed: readonly BulkFailure[]
}

/** Small pieces show progress and are quickly repeated. */
const piece = Math.min(20, bulkErasure.most)
const atOnce = 2

/**
 * @param onProgress after each piece, with the ids that it erased
 * @returns the end of it; failures of the way there have the code `network` or the platform's own
 */
export async function eraseInPieces(
  api: Pick<Api, 'eraseImages'>,
  ids: readonly string[],
  onProgress: (progress: BulkProgress, erased: readonly string[]) => void,
): Promise<BulkProgress> {
  let progress: BulkProgress = { total: ids.length, erased: 0, failed: [] }
  const pieces = Array.from({ length: Math.ceil(ids.length / piece) }, (_, n) => ids.slice(n * piece, (n + 1) * piece))
  await pMap(
    pieces,
    async (part) => {
      const { erased, failed } = await eraseOnePiece(api, part)
      progress = {
        ...progress,
        erased: progress.erased + erased.length,
        failed: [...progress.failed, ...failed],
      }
      onProgress(progress, erased)
    },
    { concurrency: atOnce },
  )
  return progress
}

async function eraseOnePiece(api: Pick<Api, 'eraseImages'>, part: readonly string[]) {
  try {
    return await api.eraseImages(part)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { erased: [], failed: part.map((id) => ({ id, code: error.code, detail: error.message })) }
  }
}

/** How many failed for each reason, the most frequent first. */
export const reasonsOf = (failed: readonly BulkFailure[]): { detail: string; count: number }[] =>
  [...Map.groupBy(failed, ({ detail }) => detail)]
    .map(([detail, all]) => ({ detail, count: all.length }))
    .sort((a, b) => b.count - a.count)
