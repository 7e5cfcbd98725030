/** Receipts as tests look at them. */
import { type Receipt, receipt } from '../../contract/receipts.ts'
import type { Lake } from '../../functions/shared/lake.ts'
import { receiptKey } from '../../functions/shared/receipts/form.ts'

/** Every receipt in the lake, in the order of their numbers. */
export async function receiptsIn(lake: Pick<Lake, 'get'>): Promise<Receipt[]> {
  const found: Receipt[] = []
  for (;;) {
    const bytes = await lake.get(receiptKey(found.length + 1))
    if (!bytes) return found
    found.push(receipt.parse(JSON.parse(Buffer.from(bytes).toString())))
  }
}
