/**
 * Who signs receipts: a key in KMS that never leaves it, or a key file on one machine. Both are Ed25519, which KMS
 * calls ECC_NIST_EDWARDS25519, so that one check fits both.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { UnavailableError } from '../errors.ts'

export type ReceiptSigner = {
  /** SubjectPublicKeyInfo (DER), base64. */
  readonly publicKey: () => Promise<string>
  /** @returns the signature, base64 */
  readonly sign: (message: Uint8Array) => Promise<string>
}

const filePrefix = 'file:'

/**
 * @param key the ARN of a KMS key, or `file:` and the absolute path of a private key (PKCS #8, PEM)
 * @throws Error where the file is no such key: a function that cannot sign must not start
 */
export const createReceiptSigner = (key: string): ReceiptSigner =>
  key.startsWith(filePrefix)
    ? signerOf(createPrivateKey(readFileSync(key.slice(filePrefix.length))))
    : kmsSigner(new KMSClient({}), key)

/** Signs with a key in memory. */
export function signerOf(privateKey: KeyObject): ReceiptSigner {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('The key for receipts must be an Ed25519 key')
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64')
  return {
    publicKey: async () => spki,
    sign: async (message) => sign(null, message, privateKey).toString('base64'),
  }
}

/** Signs in KMS; the public key is asked for once. */
export function kmsSigner(kms: Pick<KMSClient, 'send'>, KeyId: string): ReceiptSigner {
  let publicKey: Promise<string> | undefined
  const ask = () =>
    attempt(async () => {
      const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId }))
      return Buffer.from(PublicKey).toString('base64')
    })
  return {
    publicKey() {
      publicKey ??= ask().catch((error) => {
        publicKey = undefined
        throw error
      })
      return publicKey
    },
    sign: (Message) =>
      attempt(async () => {
        const command = new SignCommand({
          KeyId,
          Message,
          // Ed25519 takes the message itself; a digest would be its variant Ed25519ph.
          MessageType: 'RAW',
          SigningAlgorithm: 'ED25519_SHA_512',
        })
        const { Signature = new Uint8Array() } = await kms.send(command)
        return Buffer.from(Signature).toString('base64')
      }),
  }
}

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new UnavailableError('signer-unavailable', 'The key for receipts did not answer', { cause })
  }
}
