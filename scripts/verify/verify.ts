/** Checks a folder of receipts, whatever was done to it. Pure: it reads nothing but what it is given. */
import { type Anchor, checkChain } from './chain.ts'
import type { Finding } from './findings.ts'
import { type Folder, type ReadFolder, readFolder } from './read.ts'

export type Verdict = {
  readonly folder: ReadFolder
  /** Empty where all is well. */
  readonly findings: readonly Finding[]
  /** What to remember for the next check; undefined where something is wrong. */
  readonly anchor: Anchor | undefined
}

/**
 * @param anchor what an earlier check has seen; without it a whole chain that was written anew cannot be told apart
 * @param now epoch milliseconds
 */
export function verifyReceipts(files: Folder, anchor: Anchor | undefined, now: number): Verdict {
  const folder = readFolder(files)
  const findings = [...folder.findings, ...checkChain(folder, anchor, now)]
  const last = folder.receipts.at(-1)
  const next = findings.length === 0 && last ? anchorOf(folder, anchor) : undefined
  return { folder, findings, anchor: next }
}

function anchorOf({ receipts }: ReadFolder, earlier: Anchor | undefined): Anchor | undefined {
  const last = receipts.at(-1)
  if (!last) return earlier
  const { chain, number, signature } = last.receipt
  return { chain, keys: earlier?.keys ?? [signature.public_key], number, sha256: last.sha256 }
}
