/** The signing key, kept in the platform's home so that tokens outlive a restart. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { z } from 'zod'

export const signingAlgorithm = 'ES256'

export type SigningKey = JWK & { readonly kty: string; readonly kid: string; readonly alg: string }
export type KeySet = { readonly keys: readonly SigningKey[] }

/** The key file is absent or is not a key set; the message says what to do. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError'
  readonly retriable = false
}

const keySetSchema = z.object({
  keys: z
    .array(
      z.looseObject({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        alg: z.literal(signingAlgorithm),
        kid: z.string(),
        x: z.string(),
        y: z.string(),
        d: z.string(),
      }),
    )
    .min(1),
})

export const keyFile = (home: string): string => join(home, 'identity', 'jwks.json')

/**
 * The private key set of a platform that has been started before.
 * @throws SigningKeyError when it was never started, or the file is damaged
 */
export function readKeys(home: string): KeySet {
  const file = keyFile(home)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SigningKeyError(`No signing key at ${file}: start the platform once with \`npm start\``, { cause })
  }
  try {
    return keySetSchema.parse(JSON.parse(text)) as KeySet
  } catch (cause) {
    throw new SigningKeyError(`${file} is no set of ES256 keys: delete it and start again; everybody signs in anew`, {
      cause,
    })
  }
}

/** The key set; made on the first start. Readable by its owner alone. */
export async function ensureKeys(home: string): Promise<KeySet> {
  const file = keyFile(home)
  try {
    return readKeys(home)
  } catch (error) {
    if (!(error instanceof SigningKeyError) || (error.cause as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const keys = { keys: [{ ...jwk, kid: crypto.randomUUID(), alg: signingAlgorithm, use: 'sig' }] }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Renamed into place: a start that is interrupted leaves the whole file or none.
  writeFileSync(`${file}.new`, JSON.stringify(keys, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return readKeys(home)
}
