/** Fetches the receipts of the running local platform, as anybody with the scope may. */
import { z } from 'zod'
import type { LocalConfig } from '../../config.ts'
import { receiptPage } from '../../contract/receipts.ts'
import { limits } from '../../platform.ts'
import { signToken } from '../token/sign.ts'
import { VerifyUsageError } from './folder.ts'
import { headName } from './read.ts'

const error = z.object({ detail: z.string() })

/**
 * @returns the files as they lie in the lake, and the head; empty where nothing has been issued yet
 * @throws VerifyUsageError where the platform does not run or does not answer
 */
export async function fetchReceipts(config: LocalConfig): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  // Short-lived: it is used at once.
  const authorization = `Bearer ${await signToken('analysts', 300, config)}`
  for (let after: number | undefined = 0; after !== undefined; ) {
    const url: string = `${config.urls.gateway}/retention/receipts?after=${after}&limit=${limits.pageSize.most}`
    const answer = await ask(url, authorization)
    const page = receiptPage.parse(answer)
    for (const { name, content } of page.items) files.set(name, content)
    if (page.head) files.set(headName, page.head)
    after = page.next_after
  }
  return files
}

async function ask(url: string, authorization: string): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(60_000) })
  } catch (cause) {
    throw new VerifyUsageError(
      'The platform is not running: start it with `npm start`, name a folder, or see it shown by `npm run verify -- --prove`',
      { cause },
    )
  }
  const body: unknown = await response.json()
  if (response.ok) return body
  throw new VerifyUsageError(`The platform answered ${response.status}: ${error.safeParse(body).data?.detail ?? ''}`)
}
