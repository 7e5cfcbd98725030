/** Receipts and what earlier checks have seen, on disk. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Anchor } from './chain.ts'
import type { Folder } from './read.ts'

/** The command was not understood, or what it names is not there; nothing has been checked. */
export class VerifyUsageError extends Error {
  override readonly name = 'VerifyUsageError'
  readonly retriable = false
}

/** @throws VerifyUsageError where there is no such folder */
export async function readFiles(folder: string): Promise<Folder> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const files = new Map<string, Uint8Array>()
    for (const entry of entries) {
      files.set(entry.name, entry.isFile() ? await readFile(join(folder, entry.name)) : new Uint8Array())
    }
    return files
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new VerifyUsageError(
      `${folder} ${whyUnreadable[code ?? ''] ?? `cannot be read (${message})`}\n` +
        'Without a folder, the receipts of the running platform are fetched and checked: npm run verify',
      { cause },
    )
  }
}

const whyUnreadable: Readonly<Record<string, string>> = {
  ENOENT: 'is not there: there is no such folder.',
  ENOTDIR: 'is a file: name the folder that holds the receipts and head.json.',
}

/** Replaces what lies in the folder. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [name, content] of files) await writeFile(join(folder, name), content)
}

const anchorSchema = z.strictObject({
  chain: z.string(),
  keys: z.array(z.string()).min(1),
  number: z.int().min(1),
  sha256: z.string(),
})

/** @returns undefined where there is no such file. @throws VerifyUsageError for one that is something else */
export async function readAnchor(file: string): Promise<Anchor | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return anchorSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new VerifyUsageError(`${file} is nothing that an earlier check has written`, { cause })
  }
}

export async function writeAnchor(file: string, anchor: Anchor): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(anchor, null, 2)}\n`)
  await rename(`${file}.new`, file)
}
