import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureKeys, keyFile, readKeys, SigningKeyError } from '../../../local/identity/keys.ts'
import { audience, groups } from '../../../platform.ts'

const root = join(import.meta.dirname, '../../..')
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'darkroom-token-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const run = (...parameters: string[]) =>
  promisify(execFile)(process.execPath, [join(root, 'scripts/token.ts'), ...parameters], {
    env: { PATH: process.env.PATH, DARKROOM_HOME: home, DARKROOM_IDENTITY_PORT: '18798' },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )

describe('npm run token', () => {
  it('prints one token that the published key verifies', async () => {
    await ensureKeys(home)
    const { stdout } = await run('--group', 'uploaders')
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const keys = readKeys(home).keys.map(({ d: _private, ...publicKey }) => publicKey)
    const { payload } = await jwtVerify(stdout.trim(), createLocalJWKSet({ keys }), {
      issuer: 'http://127.0.0.1:18798',
      audience,
    })
    expect(payload.scope).toBe(groups.uploaders.join(' '))
  })

  it('makes a token that has expired where --expires-in is negative', async () => {
    await ensureKeys(home)
    const { stdout } = await run('--group', 'engineers', '--expires-in=-60')
    expect(Number(decodeJwt(stdout.trim()).exp)).toBeLessThan(Date.now() / 1000 - 50)
  })

  it('names the groups where it is given an unknown one, and prints no token', async () => {
    await ensureKeys(home)
    expect(await run('--group', 'admins')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `There is no group admins. Groups: ${Object.keys(groups).join(', ')}\n`,
    })
  })

  it('says that the platform must be started first', async () => {
    const { code, stderr } = await run('--group', 'uploaders')
    expect(code).toBe(1)
    expect(stderr).toContain('npm start')
  })

  it('explains itself', async () => {
    expect((await run('--help')).stdout).toContain('--expires-in')
  })
})

describe('the signing key', () => {
  it('is kept, and readable by its owner alone', async () => {
    const first = await ensureKeys(home)
    expect(await ensureKeys(home)).toEqual(first)
    expect(statSync(keyFile(home)).mode & 0o777).toBe(0o600)
  })

  it('is not replaced where the file is damaged', async () => {
    await ensureKeys(home)
    writeFileSync(keyFile(home), '{"keys":')
    await expect(ensureKeys(home)).rejects.toThrow(SigningKeyError)
  })
})
