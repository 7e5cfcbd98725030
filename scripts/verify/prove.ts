/**
 * Shows what the check is worth: receipts of a platform of its own, from real uploads to a real purge, are checked; then
 * a chain is tampered with in every way that we could think of, and each must be found by its own reason.
 */
import sharp from 'sharp'
import { uploader } from '../../bench/clients.ts'
import { startPlatform } from '../../bench/platform.ts'
import { invokeScheduled } from '../../local/schedule/client.ts'
import { retention } from '../../platform.ts'
import { fetchReceipts } from './fetch.ts'
import { table, verdictLines } from './report.ts'
import { anchor, copy, now } from './tampering/chains.ts'
import { withKey, withoutKey } from './tampering/index.ts'
import { verifyReceipts } from './verify.ts'

const uploads = 5
type Tell = (text: string) => void

/** @returns whether a real chain was whole and every tampering was found */
export async function prove(progress: Tell): Promise<boolean> {
  const whole = await realChain(progress)
  const found = await tamperings()
  return whole && found
}

async function realChain(progress: Tell): Promise<boolean> {
  progress('starting a platform of its own')
  const parts = ['kafka', 's3', 'dynamodb', 'identity', 'gateway', 'triggers', 'schedule'] as const
  const { config, token, stop } = await startPlatform(parts)
  try {
    progress(`uploading ${uploads} images, and erasing one of them`)
    const { single } = uploader(config.urls.gateway, token)
    const accepted = await Promise.all(Array.from({ length: uploads }, async (_, n) => single(await picture(n))))
    await erase(`${config.urls.gateway}/images/${accepted[0]?.id}`, token)
    progress('purging as of eight days later')
    await invokeScheduled(config, 'purge', new Date(Date.now() + retention.images + retention.backstop).toISOString())
    const verdict = verifyReceipts(bytesOf(await fetchReceipts(config)), undefined, Date.now())
    const erased = verdict.folder.receipts.reduce((sum, { receipt }) => sum + receipt.counts.items, 0)
    console.log(`${table(verdict.folder.receipts)}\n\n${verdictLines(verdict, undefined)[0]}`)
    if (erased !== uploads) console.log(`MISSED: ${uploads} images were erased, and ${erased} stand in receipts`)
    return verdict.findings.length === 0 && erased === uploads
  } finally {
    await stop()
  }
}

const bytesOf = (files: ReadonlyMap<string, string>) =>
  new Map([...files].map(([name, content]) => [name, Buffer.from(content)]))

async function picture(n: number) {
  const create = { width: 64, height: 48, channels: 3 as const, background: { r: 40 * n, g: 120, b: 160 } }
  const bytes = await sharp({ create }).jpeg().toBuffer()
  return { name: `${n}.jpg`, contentType: 'image/jpeg' as const, bytes, expect: 'processed' as const }
}

async function erase(url: string, token: string): Promise<void> {
  const answer = await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`DELETE answered ${answer.status}: ${await answer.text()}`)
}

async function tamperings(): Promise<boolean> {
  const sides = [
    { title: 'Tampering without the key, shown by the receipts alone', variants: withoutKey, held: undefined },
    {
      title: 'Tampering with the signing key, shown by what an earlier check has seen',
      variants: withKey,
      held: anchor,
    },
  ]
  let missed = 0
  for (const { title, variants, held } of sides) {
    console.log(`\n${title}`)
    const width = Math.max(...variants.map(([, reason]) => reason.length))
    for (const [what, reason, tamper] of variants) {
      const { findings } = verifyReceipts(await tamper(copy()), held, now)
      const found = findings.some((finding) => finding.reason === reason)
      if (!found) missed += 1
      console.log(`  ${found ? 'found ' : 'MISSED'}  ${reason.padEnd(width)}  ${what}`)
    }
  }
  const all = withoutKey.length + withKey.length
  console.log(`\n${all - missed} of ${all} ways of tampering were found, each by its own reason.`)
  return missed === 0
}
