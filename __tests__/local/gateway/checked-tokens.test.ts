import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAuthenticate } from '../../../local/gateway/authentication.ts'
import { scopes } from '../../../platform.ts'
import { issuer, keys, tokenWith } from './gateway.ts'

const start = Date.UTC(2026, 10, 23, 12)
let askedForKeys: number
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  askedForKeys = 0
})
afterEach(() => {
  vi.useRealTimers()
})

const authenticate = () =>
  createAuthenticate(issuer, async () => {
    askedForKeys += 1
    return keys.publicKey
  })
const bearer = async (options: Parameters<typeof tokenWith>[0] = {}) => `Bearer ${await tokenWith(options)}`
const secondsLater = (seconds: number) => vi.setSystemTime(start + seconds * 1000)

describe('a token that has been checked', () => {
  it('is checked again a minute later, and not before', async () => {
    const [ask, token] = [authenticate(), await bearer()]
    for (const seconds of [0, 1, 59]) {
      secondsLater(seconds)
      expect((await ask(token, [])).sub).toBe('person-1')
    }
    expect(askedForKeys).toBe(1)
    secondsLater(61)
    await ask(token, [])
    expect(askedForKeys).toBe(2)
  })

  it('is refused as soon as it has expired', async () => {
    const [ask, token] = [authenticate(), await bearer({ expiresIn: 10 })]
    await ask(token, [])
    secondsLater(16)
    await expect(ask(token, [])).rejects.toMatchObject({ problem: { status: 401, code: 'token-expired' } })
  })

  it('still has to have the scope that the operation asks for', async () => {
    const [ask, token] = [authenticate(), await bearer({ scope: scopes.imagesRead })]
    await ask(token, [scopes.imagesRead])
    await expect(ask(token, [scopes.imagesWrite])).rejects.toMatchObject({ problem: { status: 403 } })
  })

  it('says nothing about another one, nor about one that was refused', async () => {
    const [ask, good] = [authenticate(), await bearer()]
    await ask(good, [])
    const forged = `${good.slice(0, -6)}AAAAAA`
    for (let n = 0; n < 2; n += 1) {
      await expect(ask(forged, [])).rejects.toMatchObject({ problem: { status: 401 } })
    }
  })
})
