/** `npm run verify -- FOLDER` as somebody types it who has never done so: each mistake is named, and says what to do. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { environmentWith } from '../../../config.ts'
import { otherChain, whole } from '../../../scripts/verify/tampering/chains.ts'

const root = resolve(import.meta.dirname, '../../..')
let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'darkroom-verify-'))
})
afterEach(() => rmSync(place, { recursive: true }))

function verify(...args: string[]) {
  const env = environmentWith({ DARKROOM_HOME: join(place, 'home') })
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/verify.ts', ...args], { cwd: root, env })
  return { code: status, said: `${stdout}`, complained: `${stderr}` }
}
function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(place, 'receipts')
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}
/** An earlier check that never was would make the next one believe what it finds. */
const remembered = () => {
  const folder = join(place, 'home/receipts')
  return existsSync(folder) ? readdirSync(folder) : []
}
const expectNothingRemembered = () => expect(remembered()).toEqual([])

describe('npm run verify', () => {
  it('remembers a whole chain by its folder, apart from the platform’s own, and misses it when another takes its place', () => {
    expect(verify(folderWith(Object.fromEntries(whole)))).toMatchObject({ code: 0 })
    expect(remembered()).toEqual([expect.stringMatching(/^trust-[0-9a-f]{12}\.json$/)])
    const { code, said } = verify(folderWith(Object.fromEntries(otherChain)))
    expect(code).toBe(1)
    expect(said).toContain('anchor-chain-differs')
  })

  it('says that a folder is not there, and what happens without one', () => {
    const { code, complained } = verify(join(place, 'receipts'))
    expect(code).toBe(2)
    expect(complained).toMatch(/receipts is not there: .*\n.*npm run verify$/m)
    expectNothingRemembered()
  })

  it('says that a file is no folder', () => {
    const file = join(folderWith({ '0000000001.json': '{}' }), '0000000001.json')
    const { code, complained } = verify(file)
    expect(code).toBe(2)
    expect(complained).toContain('is a file: name the folder')
    expectNothingRemembered()
  })

  it('finds an empty folder not whole: all of its receipts may have been taken away', () => {
    const { code, said } = verify(folderWith({}))
    expect(code).toBe(1)
    expect(said).toMatch(/no-receipts .*\n.*head-missing/)
    expect(said).toContain('NOT WHOLE: 2 findings in 0 receipts.')
    expect(said).toContain('Is it the right folder?')
    expectNothingRemembered()
  })

  it('names each file that is no receipt', () => {
    const { code, said } = verify(folderWith({ 'notes.txt': 'hello', '0000000001.json': '{"a":1}', 'head.json': '[]' }))
    expect(code).toBe(1)
    for (const file of ['notes.txt', '0000000001.json', 'head.json']) expect(said).toContain(file)
    expect(said).toContain('NOT WHOLE')
    expectNothingRemembered()
  })

  it.each([[['a', 'b']], [['--nope']], [['--trust', 'x', '--no-trust', 'y']]])('takes no %j', (args) => {
    const { code, complained } = verify(...args)
    expect(code).toBe(2)
    expect(complained).toContain('npm run verify -- [FOLDER]')
  })
})
