import { describe, expect, it } from 'vitest'
import { howToGet, requirements, type System, versionVerdict } from '../../../scripts/bootstrap/requirements.mjs'

describe('versionVerdict', () => {
  const java = (text: string | undefined) => versionVerdict(text, /version "([\d.]+)/, '17')

  it.for([
    ['openjdk version "17.0.15" 2025-04-15', { ok: true, found: '17.0.15' }],
    ['openjdk version "21" 2023-09-19', { ok: true, found: '21' }],
    ['java version "1.8.0_392"', { ok: false, found: '1.8.0 is too old' }],
    ['openjdk version "11.0.2" 2019-01-15', { ok: false, found: '11.0.2 is too old' }],
    ['no java here', { ok: false, found: 'does not tell its version' }],
    [undefined, { ok: false, found: 'not found' }],
  ] as const)('%s', ([text, verdict]) => {
    expect(java(text)).toEqual(verdict)
  })

  it('compares numbers, not letters', () => {
    expect(versionVerdict('Python 3.9.1', /Python ([\d.]+)/, '3.10').ok).toBe(false)
    expect(versionVerdict('Python 3.11.7', /Python ([\d.]+)/, '3.10').ok).toBe(true)
    expect(versionVerdict('Python 4.0', /Python ([\d.]+)/, '3.10').ok).toBe(true)
  })
})

describe('howToGet', () => {
  const system = (values: Partial<System>): System => ({ manager: undefined, root: false, debian: false, ...values })

  it.for<[Partial<System>, string]>([
    [{ manager: 'apt', root: true }, 'apt-get install -y default-jre-headless'],
    [{ manager: 'apt' }, 'sudo apt-get install -y default-jre-headless'],
    [{ manager: 'dnf' }, 'sudo dnf install -y java-17-openjdk-headless'],
    [{ manager: 'brew' }, 'brew install openjdk@17'],
    [{}, 'install a JDK 17 or later, such as Temurin from https://adoptium.net'],
  ])('%o', ([values, words]) => {
    expect(howToGet(requirements.java, system(values))).toBe(words)
  })

  it('names the download where the system has no such package', () => {
    expect(howToGet(requirements.go, system({ manager: 'apt', root: true }))).toContain('https://go.dev/dl')
  })
})
