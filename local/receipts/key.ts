/** The key that signs receipts on one machine; stands in for a key in KMS. */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const receiptKeyFile = (home: string): string => join(home, 'receipts', 'signing-key.pem')

/**
 * Makes the key on the first start. `--reset` keeps it: receipts that somebody has put aside can still be checked, and
 * the chain that starts anew has another id.
 */
export async function ensureReceiptKey(home: string): Promise<void> {
  const file = receiptKeyFile(home)
  if (existsSync(file)) return
  const { privateKey } = generateKeyPairSync('ed25519')
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  // Renamed into place: a start that is interrupted leaves the whole file or none.
  await writeFile(`${file}.new`, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
  await rename(`${file}.new`, file)
}
