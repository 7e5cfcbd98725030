import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetPublicKeyCommand, type KMSClient, type SignCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { createReceiptSigner, kmsSigner, signerOf } from '../../../../functions/shared/receipts/sign.ts'
import { ensureReceiptKey, receiptKeyFile } from '../../../../local/receipts/key.ts'

const message = Buffer.from('a message')

it('signs with the key file of the home, which is made once and read by its owner alone', async () => {
  const home = await mkdtemp(join(tmpdir(), 'receipt-key-'))
  try {
    await ensureReceiptKey(home)
    const pem = await readFile(receiptKeyFile(home), 'utf8')
    await ensureReceiptKey(home)
    expect(await readFile(receiptKeyFile(home), 'utf8')).toBe(pem)
    const signer = createReceiptSigner(`file:${receiptKeyFile(home)}`)
    const signature = Buffer.from(await signer.sign(message), 'base64')
    expect(verify(null, message, createPublicKey(createPrivateKey(pem)), signature)).toBe(true)
  } finally {
    await rm(home, { recursive: true })
  }
})

it('refuses a key of another kind', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(() => signerOf(privateKey)).toThrow('Ed25519')
})

it('asks KMS for raw Ed25519, and once for the public key', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const sent: unknown[] = []
  const send = async (command: unknown) => {
    sent.push(command)
    if (command instanceof GetPublicKeyCommand) return { PublicKey: publicKey.export({ format: 'der', type: 'spki' }) }
    return { Signature: sign(null, (command as SignCommand).input.Message as Uint8Array, privateKey) }
  }
  const signer = kmsSigner({ send } as unknown as Pick<KMSClient, 'send'>, 'arn:aws:kms:key')
  expect(await signer.sign(message)).toBe(sign(null, message, privateKey).toString('base64'))
  expect(await signer.publicKey()).toBe(await signerOf(privateKey).publicKey())
  await signer.publicKey()
  expect(sent).toHaveLength(2)
  expect((sent[0] as SignCommand).input).toMatchObject({ MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' })
})

it('says that the key did not answer', async () => {
  const send = () => Promise.reject(new Error('throttled'))
  const signer = kmsSigner({ send } as unknown as Pick<KMSClient, 'send'>, 'arn')
  await expect(signer.sign(message)).rejects.toMatchObject({ code: 'signer-unavailable', retriable: true })
  await expect(signer.publicKey()).rejects.toMatchObject({ code: 'signer-unavailable' })
})
