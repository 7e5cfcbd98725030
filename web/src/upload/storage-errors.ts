/** What goes wrong between this page and the storage, in words for the person. */
import { ApiError } from '../api.ts'
import { text } from '../text.ts'

/** A link holds an hour; with the next attempt come fresh ones. */
export const storageRefused = (status: number) =>
  new ApiError(
    status,
    { code: 'storage', detail: text.problem.storage(status), hint: text.problem.storageHint },
    { retriable: status === 403 || status >= 500 },
  )

/** The platform answered a moment ago, so something may stand between here and the storage alone. */
export const storageUnreachable = (url: string) =>
  new ApiError(0, {
    code: 'storage-unreachable',
    detail: text.problem.storageUnreachable(new URL(url).host),
    hint: text.problem.storageUnreachableHint,
  })
