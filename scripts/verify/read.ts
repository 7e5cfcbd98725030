/** Reads what lies in a folder of receipts, each file for itself: its form, its signature, and what it says of itself. */
import { type Receipt, type ReceiptHead, receipt as receiptForm, receiptHead } from '../../contract/receipts.ts'
import { canonical, countsOf, isSignatureOf, numberOfName, sha256Hex } from '../../functions/shared/receipts/form.ts'
import { type Finding, finding } from './findings.ts'

export const headName = 'head.json'

/** Files by name. */
export type Folder = ReadonlyMap<string, Uint8Array>
export type ReadReceipt = { readonly file: string; readonly sha256: string; readonly receipt: Receipt }
export type ReadFolder = {
  /** In the order of their numbers; only those that could be read. */
  readonly receipts: readonly ReadReceipt[]
  readonly head: ReceiptHead | undefined
  readonly findings: readonly Finding[]
}

/** @returns every file that reads, and what is wrong with any file */
export function readFolder(folder: Folder): ReadFolder {
  const findings: Finding[] = []
  const receipts: ReadReceipt[] = []
  for (const [file, bytes] of [...folder].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (file === headName) continue
    const number = numberOfName(file)
    if (number === undefined) findings.push(finding('unexpected-file', file))
    const read = readReceipt(file, bytes)
    findings.push(...read.findings)
    if (!read.receipt) continue
    if (number !== undefined && read.receipt.number !== number) {
      findings.push(finding('misnamed', file, `it is number ${read.receipt.number}`))
    }
    const twin = receipts.find(({ receipt: other }) => other.number === read.receipt?.number)
    if (twin) findings.push(finding('duplicate-number', file, `as ${twin.file}`))
    else receipts.push({ file, sha256: sha256Hex(bytes), receipt: read.receipt })
  }
  if (receipts.length === 0) findings.push(finding('no-receipts', '-'))
  const head = readHead(folder.get(headName))
  findings.push(...head.findings)
  receipts.sort((a, b) => a.receipt.number - b.receipt.number)
  return { receipts, head: head.head, findings }
}

type Read = { readonly receipt?: Receipt; readonly findings: readonly Finding[] }

function readReceipt(file: string, bytes: Uint8Array): Read {
  const text = textOf(bytes)
  const value = text === undefined ? undefined : parse(text)
  if (text === undefined || value === undefined) return { findings: [finding('unreadable', file)] }
  const parsed = receiptForm.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { findings: [finding('wrong-form', file, `${issue?.path.join('.') || 'receipt'}: ${issue?.message}`)] }
  }
  const receipt = parsed.data
  // A duplicate name in the JSON is lost in parsing; it shows here, because the bytes are others.
  if (canonical(value) !== text) return { receipt, findings: [finding('not-canonical', file)] }
  const findings = isSignatureOf(receipt) ? [] : [finding('signature-invalid', file)]
  return { receipt, findings: [...findings, ...contradictions(file, receipt)] }
}

/** What a receipt says against itself. A signature would not help against whoever holds the key. */
function contradictions(file: string, { items, counts, issued_at, run }: Receipt): Finding[] {
  const found: Finding[] = []
  if (canonical(countsOf(items)) !== canonical(counts)) found.push(finding('counts-differ', file))
  for (const item of items) {
    if (item.at > issued_at) found.push(finding('item-in-the-future', file, item.entry))
    if (item.item_key.slice(0, 10) > item.at.slice(0, 10))
      found.push(finding('item-key-from-the-future', file, item.entry))
    // The purge may be told to act as of the future; what a person asks for is asked for now.
    if (item.reason === 'request' && item.at < item.cut_off)
      found.push(finding('item-before-request', file, item.entry))
    if (item.version_ids.length > item.versions + item.markers + item.metadata_files) {
      found.push(finding('too-many-version-ids', file, item.entry))
    }
  }
  if (run && (run.finished_at < run.started_at || run.finished_at > issued_at)) {
    found.push(finding('run-times-reversed', file, run.id))
  }
  if (run?.complete && run.failed > 0) found.push(finding('run-contradicts-itself', file, run.id))
  return found
}

function readHead(bytes: Uint8Array | undefined): { head?: ReceiptHead; findings: readonly Finding[] } {
  if (!bytes) return { findings: [finding('head-missing', headName)] }
  const text = textOf(bytes)
  const parsed = receiptHead.safeParse(text === undefined ? undefined : parse(text))
  if (!parsed.success || canonical(parsed.data) !== text) return { findings: [finding('head-unreadable', headName)] }
  const head = parsed.data
  return { head, findings: isSignatureOf(head) ? [] : [finding('head-signature-invalid', headName)] }
}

/** @returns undefined for bytes that are no UTF-8; a byte order mark stays, so that it shows */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\u{FEFF}/u, ''))
  } catch {
    return undefined
  }
}
