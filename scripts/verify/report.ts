/** What `npm run verify` prints. */
import { fingerprint } from '../../functions/shared/receipts/form.ts'
import type { Anchor } from './chain.ts'
import { type Finding, reasons } from './findings.ts'
import type { ReadReceipt } from './read.ts'
import type { Verdict } from './verify.ts'

/** More findings than these say nothing more. */
const mostFindings = 30
/** More lines than these nobody reads. */
const mostReceipts = 20

const columns = ['receipt', 'issued', 'writer', 'items', 'versions', 'rows', 'run', 'failed'] as const

const rowOf = ({ file, receipt }: ReadReceipt): string[] => [
  file.replace('.json', ''),
  receipt.issued_at.slice(0, 19),
  receipt.writer,
  String(receipt.counts.items),
  String(receipt.counts.versions),
  String(receipt.counts.rows),
  receipt.run ? (receipt.run.complete ? 'complete' : 'incomplete') : '-',
  String(receipt.run?.failed ?? 0),
]

export function table(receipts: readonly ReadReceipt[]): string {
  const shown = receipts.slice(-mostReceipts)
  const rows = [[...columns], ...shown.map(rowOf)]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const left = receipts.length - shown.length
  return [...(left > 0 ? [`(${left} earlier receipts are not shown)`] : []), ...lines].join('\n')
}

export function findingLines(findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, mostFindings)
  const width = Math.max(...shown.map(({ reason }) => reason.length))
  const lines = shown.map(
    ({ reason, file, detail }) =>
      `  ${reason.padEnd(width)}  ${file}  ${reasons[reason]}${detail ? ` (${detail})` : ''}`,
  )
  return findings.length > shown.length ? [...lines, `  and ${findings.length - shown.length} more`] : lines
}

/** The last words. @param held what the chain was held against, if anything */
export function verdictLines({ folder, findings }: Verdict, held: Anchor | undefined): string[] {
  const { receipts } = folder
  const erased = receipts.reduce((sum, { receipt }) => sum + receipt.counts.items, 0)
  if (findings.length > 0) {
    const whole = `NOT WHOLE: ${findings.length} findings in ${receipts.length} receipts.`
    // Either they have all been taken away, or somebody has named another folder by mistake.
    const none = 'Is it the right folder? Receipts are called 0000000001.json and so on, with head.json beside them.'
    return receipts.length > 0 ? [whole] : [whole, none]
  }
  const key = receipts.at(-1)?.receipt.signature.public_key ?? ''
  return [
    `WHOLE: ${receipts.length} receipts of ${erased} erasures, signed by ${fingerprint(key)}.`,
    held
      ? `Nothing that was seen at an earlier check (number ${held.number}) has changed or gone.`
      : 'There was no earlier check to hold it against: compare the key, and keep this result with --trust.',
  ]
}
