/** The chains that are tampered with, and the steps of which a tampering is made. */
import type { Receipt } from '../../../contract/receipts.ts'
import { receiptName } from '../../../functions/shared/receipts/form.ts'
import type { Anchor } from '../chain.ts'
import type { Reason } from '../findings.ts'
import { verifyReceipts } from '../verify.ts'
import { type Files, makeChain, readIn, rewrite, signed, withItems, write } from './receipt-chain.ts'

export const from = Date.UTC(2026, 10, 20, 6)
export const day = 86_400_000

const made = await makeChain(5, from)
export const whole: Files = made.files
export const key = made.privateKey
export const now = made.now
/** What an earlier check has seen. */
export const anchor = verifyReceipts(whole, undefined, now).anchor as Anchor
export const otherChain: Files = (await makeChain(5, from)).files

export const copy = (): Files => new Map(whole)
export type Tampering = (files: Files) => Files | Promise<Files>
export const text = (files: Files, number: number, change: (text: string) => string | Buffer): Files =>
  files.set(receiptName(number), Buffer.from(change((files.get(receiptName(number)) as Buffer).toString()) as string))
export const drop =
  (...numbers: number[]): Tampering =>
  (files) => {
    for (const n of numbers) files.delete(receiptName(n))
    return files
  }
export const swap =
  (a: number, b: number): Tampering =>
  (files) => {
    const [first, second] = [files.get(receiptName(a)) as Buffer, files.get(receiptName(b)) as Buffer]
    return files.set(receiptName(a), second).set(receiptName(b), first)
  }
export const resignWith =
  (number: number, change: (receipt: Receipt) => object, by = () => key): Tampering =>
  async (files) =>
    write(files, await signed({ ...readIn(files, number), ...change(readIn(files, number)) } as Receipt, by()), number)
export const insider =
  (number: number, change: (receipt: Receipt) => Partial<Receipt>): Tampering =>
  (files) =>
    rewrite(files, number, key, change)
export const later = (time: string, ms: number) => new Date(Date.parse(time) + ms).toISOString()
export const firstItem = (change: object) =>
  withItems(([first, ...rest]) => [{ ...(first as object), ...change } as never, ...rest])

/** What is done, the reason that the check must give, and how it is done. */
export type Variant = [string, Reason, Tampering]
