/**
 * The one chain of receipts, which several writers may extend at once. A receipt's key follows from its number, and S3
 * takes each key once (`If-None-Match: *`): whoever comes second sees the other's receipt, adds to it, and tries the
 * next number. The head in the runs table is where to start looking, and lets nobody drop the last receipts unseen.
 *
 * Order: receipt, then its entries are forgotten, then the head moves. So every receipt behind the head has been
 * settled, and whoever walks past a newer one settles it too: no entry is told twice, however a writer ends.
 */
import { randomUUID } from 'node:crypto'
import {
  headSchema,
  type Receipt,
  type ReceiptHead,
  type ReceiptItem,
  type ReceiptReference,
  type ReceiptRun,
  receipt as receiptForm,
  receiptSchema,
} from '../../../contract/receipts.ts'
import { layout } from '../../../platform.ts'
import { UnavailableError } from '../errors.ts'
import type { Lake } from '../lake.ts'
import {
  canonical,
  checkedStores,
  countsOf,
  numberOfName,
  policy,
  receiptKey,
  sha256Hex,
  signedMessage,
  type Unsigned,
} from './form.ts'
import type { Heads } from './heads.ts'
import type { Outbox } from './outbox.ts'
import type { ReceiptSigner } from './sign.ts'

/** So many items make a receipt of some 200 kB: enough for one request, little enough for memory. */
export const itemsPerReceipt = 500
/** Every lost race is a receipt that somebody else has written; so many in a row mean that something is wrong. */
const mostRaces = 100
/** Where the head has been lost, so many receipts are settled anew: more writers than these have never died at once. */
const mostUnsettled = 100

export type Writer = { readonly name: Receipt['writer']; readonly codeVersion: string }
/** What a purge adds to the last receipt of its run. */
export type RunStatement = Omit<ReceiptRun, 'items'>

export type ChainParts = {
  readonly lake: Pick<Lake, 'get' | 'putNew' | 'list'>
  readonly outbox: Pick<Outbox, 'pending' | 'settle'>
  readonly heads: Heads
  readonly signer: ReceiptSigner
  readonly writer: Writer
  readonly clock: () => number
}

/** The receipt to which the next one is added; number 0 stands before the first. */
type End = { chain: string; number: number; sha256: string; issuedAt: string }

/** Someone who adds receipts for a while and remembers where the chain stands. */
export type ChainSession = ReturnType<typeof openChain>

export function openChain({ lake, outbox, heads, signer, writer, clock }: ChainParts) {
  let end: End | undefined
  /** Items seen or written, by run. */
  const itemsOfRun = new Map<string, number>()
  const summarised = new Map<string, ReceiptReference>()
  /** Entries that somebody waits for, and the receipts that hold them. */
  const watched = new Map<string, ReceiptReference | undefined>()

  /** Remembers where the chain stands now; what others add from here on is counted too. */
  async function begin(): Promise<void> {
    end ??= await lastKnown()
    await walk()
  }

  async function lastKnown(): Promise<End> {
    const head = await heads.read()
    if (head) return { chain: head.chain, number: head.number, sha256: head.sha256, issuedAt: head.issued_at }
    // Nothing has been issued, or the very first receipt has no head yet, or the head has been lost.
    let [first, last] = [0, 0]
    for await (const page of lake.list(layout.receipts)) {
      const numbers = page.flatMap(({ key }) => numberOfName(key.slice(layout.receipts.length)) ?? [])
      first ||= numbers[0] ?? 0
      last = numbers.at(-1) ?? last
    }
    const number = Math.max(first, last - mostUnsettled) - 1
    return { chain: randomUUID(), number: Math.max(0, number), sha256: '', issuedAt: '' }
  }

  /** Goes on to the last receipt there is, and settles those that nobody has settled. */
  async function walk(): Promise<void> {
    for (;;) {
      const from = end as End
      const bytes = await lake.get(receiptKey(from.number + 1))
      if (!bytes) return
      const next = endOf(from.number + 1, bytes)
      await settle(next.receipt, next.end)
    }
  }

  /** A receipt that does not read must not stop all others: it is added to as it is, and `verify` will find it. */
  function endOf(number: number, bytes: Uint8Array): { end: End; receipt?: Receipt } {
    const parsed = receiptForm.safeParse(parse(bytes))
    const sha256 = sha256Hex(bytes)
    if (parsed.success) {
      const { chain, issued_at } = parsed.data
      return { end: { chain, number, sha256, issuedAt: issued_at }, receipt: parsed.data }
    }
    return { end: { chain: end?.chain ?? randomUUID(), number, sha256, issuedAt: end?.issuedAt ?? '' } }
  }

  async function settle(receipt: Receipt | undefined, next: End): Promise<void> {
    const reference = { number: next.number, sha256: next.sha256 }
    if (receipt) {
      await outbox.settle(receipt.items.map(({ entry }) => entry))
      for (const { entry, run } of receipt.items) {
        if (watched.has(entry)) watched.set(entry, reference)
        if (run) itemsOfRun.set(run, (itemsOfRun.get(run) ?? 0) + 1)
      }
      if (receipt.run) summarised.set(receipt.run.id, reference)
    }
    await heads.save(await signedHead(next))
    end = next
  }

  async function signedHead({ chain, number, sha256, issuedAt }: End): Promise<ReceiptHead> {
    const head = { schema: headSchema, chain, number, sha256, issued_at: issuedAt } as const
    return { ...head, signature: await signatureOf(head) }
  }

  const signatureOf = async (statement: Parameters<typeof signedMessage>[0]) => ({
    algorithm: 'Ed25519' as const,
    public_key: await signer.publicKey(),
    value: await signer.sign(signedMessage(statement)),
  })

  async function seal(items: ReceiptItem[], run?: RunStatement, destroyed: readonly string[] = []): Promise<Receipt> {
    const { chain, number, sha256, issuedAt } = end as End
    const now = new Date(clock()).toISOString()
    const ofRun = run && (itemsOfRun.get(run.id) ?? 0) + items.filter((item) => item.run === run.id).length
    const unsigned: Unsigned<Receipt> = {
      schema: receiptSchema,
      chain,
      number: number + 1,
      // Two machines' clocks differ; the chain's own time only goes forward.
      issued_at: now > issuedAt ? now : issuedAt,
      previous: number === 0 ? null : { number, sha256, issued_at: issuedAt },
      writer: writer.name,
      code_version: writer.codeVersion,
      policy,
      stores: [...checkedStores],
      counts: countsOf(items),
      items,
      run: run ? { ...run, items: ofRun ?? 0 } : null,
      destroyed_item_keys: [...destroyed],
    }
    return { ...unsigned, signature: await signatureOf(unsigned) }
  }

  /**
   * Writes receipts for whatever waits in the outbox, and for a run that has ended.
   * @throws UnavailableError where a store or the key does not answer; what waits then waits for the next writer
   */
  async function issue(run?: RunStatement, destroyed: readonly string[] = []): Promise<void> {
    await begin()
    for (let races = 0; races < mostRaces; ) {
      const { items, more } = await outbox.pending(itemsPerReceipt)
      const summary = !more && run && !summarised.has(run.id) ? run : undefined
      if (items.length === 0 && !summary) return
      const receipt = await seal(items, summary, summary && destroyed)
      const bytes = Buffer.from(canonical(receipt))
      const { existed } = await lake.putNew(receiptKey(receipt.number), bytes, 'application/json')
      if (existed) {
        races += 1
        await walk()
        continue
      }
      const { chain, number, issued_at } = receipt
      await settle(receipt, { chain, number, sha256: sha256Hex(bytes), issuedAt: issued_at })
      if (!more) return
    }
    throw new UnavailableError('receipts-unavailable', 'Too many writers add receipts at once')
  }

  /** From now on this session looks out for the receipt that holds the entry. */
  const watch = (entry: string): void => void watched.set(entry, undefined)
  /** The receipt that holds a watched entry; undefined where this session has not seen it. */
  const holding = (entry: string): ReceiptReference | undefined => watched.get(entry)
  const summaryOf = (run: string): ReceiptReference | undefined => summarised.get(run)

  return { begin, issue, watch, holding, summaryOf }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
