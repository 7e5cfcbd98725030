import { describe, expect, it } from 'vitest'
import { budgetOf, deployedNames } from '../../scripts/package.ts'
import { lockedClosure } from '../../scripts/packages/native.ts'
import { zip } from '../../scripts/packages/zip.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const a = ['a.mjs', bytes('export const a = 1')] as const
const b = ['node_modules/b/index.js', bytes('module.exports = 2')] as const

describe('a zip', () => {
  it('has the same bytes whatever the order in which its files were found', () => {
    expect(zip(new Map([a, b]))).toEqual(zip(new Map([b, a])))
  })

  it('has the same bytes in every time zone', () => {
    const before = process.env.TZ
    try {
      const zips = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles'].map((zone) => {
        process.env.TZ = zone
        return Buffer.from(zip(new Map([a]))).toString('hex')
      })
      expect(new Set(zips).size).toBe(1)
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })

  it('has other bytes when a file changes', () => {
    expect(zip(new Map([a]))).not.toEqual(zip(new Map([[a[0], bytes('export const a = 2')]])))
  })
})

describe('budgets', () => {
  it('are 15 MB for the processor, which carries sharp, and 1.5 MB for all others', () => {
    expect(budgetOf('process')).toBe(15_000_000)
    for (const name of deployedNames.filter((name) => name !== 'process')) expect(budgetOf(name)).toBe(1_500_000)
  })
})

describe('versions beside a bundle', () => {
  const lock = {
    packages: {
      'node_modules/sharp': { version: '1.0.0', dependencies: { semver: '^7', detect: '^2' } },
      'node_modules/semver': { version: '6.0.0' },
      'node_modules/sharp/node_modules/semver': { version: '7.0.0' },
      'node_modules/detect': { version: '2.0.0' },
    },
  }

  it('are those of the lock file, the nearest first, as Node finds them', () => {
    expect(lockedClosure(lock, 'sharp')).toEqual({ detect: '2.0.0', semver: '7.0.0', sharp: '1.0.0' })
  })

  it('are an error where the lock file lacks one', () => {
    const { 'node_modules/detect': _, ...packages } = lock.packages
    expect(() => lockedClosure({ packages }, 'sharp')).toThrow('detect')
  })
})
