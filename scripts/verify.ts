/** `npm run verify`: checks receipts of erasures, offline, and names everything that is wrong with them. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError, localConfig } from '../config.ts'
import { SigningKeyError } from '../local/identity/keys.ts'
import { receiptKeyFile } from '../local/receipts/key.ts'
import { fetchReceipts } from './verify/fetch.ts'
import { readAnchor, readFiles, VerifyUsageError, writeAnchor, writeFiles } from './verify/folder.ts'
import { findingLines, table, verdictLines } from './verify/report.ts'
import { verifyReceipts } from './verify/verify.ts'

const help = `npm run verify -- [FOLDER] [--trust FILE | --no-trust]
npm run verify -- --prove

Checks receipts of erasures: form, signatures, the chain from one to the next, counts, times, and that none is missing.
Everything that is wrong is named. Nothing is asked of anybody: what is in the folder must speak for itself.

  FOLDER         receipts and head.json, as they lie in the lake; without it those of the running local platform are
                 fetched first, into .darkroom/receipts/fetched
  --trust FILE   what an earlier check has seen (chain, key, last receipt): only this shows that a whole chain has been
                 written anew, or its end cut off together with the head. Written after each check that finds nothing.
                 By default .darkroom/receipts/trust.json, and for each FOLDER a file of its own beside it
  --no-trust     check the folder on its own, and remember nothing
  --prove        shows what the check is worth: on a platform of its own images are uploaded, erased and purged, and the
                 receipts checked; then receipts are altered in every way that we could think of, and each must be
                 found. This is also what happens without a FOLDER where no platform has been started yet
  --help         this text

Ends with 0 when the receipts are whole, with 1 when anything is wrong, with 2 when nothing was checked.`

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        trust: { type: 'string' },
        'no-trust': { type: 'boolean' },
        prove: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (positionals.length > 1) throw new Error(`One folder at a time, not ${positionals.join(' and ')}`)
    if (values.trust && values['no-trust']) throw new Error('Either --trust or --no-trust')
    if (values.prove && (positionals.length > 0 || values.trust))
      throw new Error('--prove takes neither folder nor trust')
    return {
      prove: values.prove,
      folder: positionals[0],
      trust: values.trust,
      noTrust: values['no-trust'] ?? false,
      help: values.help,
    }
  } catch (cause) {
    throw new VerifyUsageError(`${(cause as Error).message}\n\n${help}`, { cause })
  }
}

/** @returns the folder into which the running platform's receipts have been fetched; undefined where there are none */
async function fetched(home: string): Promise<string | undefined> {
  const files = await fetchReceipts(localConfig())
  const folder = join(home, 'receipts', 'fetched')
  await writeFiles(folder, files)
  return files.size > 0 ? folder : undefined
}

/** Where it is remembered what was seen: by place, so that a chain that replaces another is held against that one. */
function usualTrust(home: string, folder: string | undefined): string {
  const place = folder && `-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12)}`
  return join(home, 'receipts', `trust${place ?? ''}.json`)
}

async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2))
  if (options.help) {
    console.log(help)
    return 0
  }
  const { home } = localConfig()
  if (options.prove || (!options.folder && !existsSync(receiptKeyFile(home)))) {
    if (!options.prove) console.error('No platform has been started here yet, so this is shown on one of its own.')
    // Only here: what it needs, chains of receipts among it, is made when it is loaded.
    const { prove } = await import('./verify/prove.ts')
    return (await prove((text) => console.error(`… ${text}`))) ? 0 : 1
  }
  const folder = options.folder ?? (await fetched(home))
  const trust = options.noTrust ? undefined : (options.trust ?? usualTrust(home, options.folder))
  const anchor = trust ? await readAnchor(trust) : undefined
  if (options.trust && !existsSync(options.trust)) console.log(`${options.trust} is not there yet; it will be written.`)
  if (!folder && !anchor) {
    console.log('Nothing has been erased yet: there are no receipts.')
    return 0
  }
  const verdict = verifyReceipts(folder ? await readFiles(folder) : new Map(), anchor, Date.now())
  if (verdict.folder.receipts.length > 0) console.log(`${table(verdict.folder.receipts)}\n`)
  if (verdict.findings.length > 0) console.log(`${findingLines(verdict.findings).join('\n')}\n`)
  console.log(verdictLines(verdict, anchor).join('\n'))
  if (verdict.anchor && trust) await writeAnchor(trust, verdict.anchor)
  return verdict.findings.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (![VerifyUsageError, ConfigError, SigningKeyError].some((kind) => error instanceof kind)) throw error
  console.error((error as Error).message)
  process.exitCode = 2
}
