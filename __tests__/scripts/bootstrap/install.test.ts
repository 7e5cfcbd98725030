import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { environmentWith } from '../../../config.ts'
import { matchesLock, packagesDue, stampOf } from '../../../scripts/bootstrap/install.mjs'

const lockText = (version: string) =>
  JSON.stringify({
    packages: {
      '': { name: 'darkroom' },
      'node_modules/zod': { version },
      'node_modules/sharp-darwin': { version: '1.0.0', optional: true },
    },
  })
const installedText = (version: string) => JSON.stringify({ packages: { 'node_modules/zod': { version } } })

describe('matchesLock', () => {
  it('holds when every package is there in its version, optional ones of other platforms aside', () => {
    expect(matchesLock(lockText('4.0.0'), installedText('4.0.0'))).toBe(true)
  })
  it('does not hold for another version, a missing package or no record at all', () => {
    expect(matchesLock(lockText('4.0.1'), installedText('4.0.0'))).toBe(false)
    expect(matchesLock(lockText('4.0.0'), JSON.stringify({ packages: {} }))).toBe(false)
    expect(matchesLock(lockText('4.0.0'), undefined)).toBe(false)
  })
})

describe('installing packages', () => {
  let root: string
  const at = (path: string) => join(root, path)

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'darkroom-install-'))
    await writeFile(at('package-lock.json'), lockText('4.0.0'))
    await mkdir(at('bin'))
    // Stands in for npm: notes each run, takes a while, and leaves what `npm ci` leaves.
    const npm = `#!/bin/sh
echo run >> '${at('runs')}'
rm -rf node_modules && mkdir -p node_modules/.bin
[ -e '${at('fail')}' ] && { echo 'npm error code EFAKE' >&2; exit 3; }
[ -e '${at('slow')}' ] && { touch '${at('started')}'; exec sleep 5; }
sleep 0.3
[ -e '${at('no-scripts')}' ] || touch node_modules/.bin/node
`
    await writeFile(at('bin/npm'), npm)
    await chmod(at('bin/npm'), 0o755)
  })
  afterEach(() => rm(root, { recursive: true }))

  const install = () => {
    const module = (name: string) => new URL(`../../../scripts/bootstrap/${name}.mjs`, import.meta.url).href
    const code = `import { ensurePackages } from '${module('install')}'
      import { createReport } from '${module('progress')}'
      process.on('SIGTERM', () => process.exit(143))
      await ensurePackages('${root}', createReport()).catch((error) => { console.error(error.message); process.exit(1) })`
    const env = environmentWith({ PATH: `${at('bin')}:/usr/bin:/bin` })
    return spawn(process.execPath, ['--input-type=module', '-e', code], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const finished = async (child: ReturnType<typeof install>) => {
    let text = ''
    child.stderr?.on('data', (data) => {
      text += data
    })
    const [code] = await once(child, 'close')
    return { code, text }
  }
  const runs = async () => (await readFile(at('runs'), 'utf8')).trim().split('\n').length

  it('runs npm once, and not again while the lock file stays the same', async () => {
    expect(packagesDue(root)).toBe(true)
    expect((await finished(install())).code).toBe(0)
    expect(packagesDue(root)).toBe(false)
    await finished(install())
    expect(await runs()).toBe(1)
  })

  it('runs npm once when two commands start together', async () => {
    const both = await Promise.all([finished(install()), finished(install())])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(await runs()).toBe(1)
  })

  it('is due again when the lock file has changed', async () => {
    await finished(install())
    await writeFile(at('package-lock.json'), lockText('4.0.1'))
    expect(packagesDue(root)).toBe(true)
  })

  it('is due again on another platform', async () => {
    await finished(install())
    await writeFile(at('node_modules/.darkroom-stamp'), stampOf(lockText('4.0.0')).replace(process.platform, 'plan9'))
    expect(packagesDue(root)).toBe(true)
  })

  it('believes the record of an npm that was run by hand', async () => {
    await mkdir(at('node_modules/.bin'), { recursive: true })
    await writeFile(at('node_modules/.bin/node'), '')
    await writeFile(at('node_modules/.package-lock.json'), installedText('4.0.0'))
    expect(packagesDue(root)).toBe(false)
  })

  it.for(['SIGTERM', 'SIGKILL'] as const)('starts again after %s in the middle', async (signal) => {
    await writeFile(at('slow'), '')
    const interrupted = install()
    await vi.waitFor(() => expect(existsSync(at('started'))).toBe(true), { timeout: 5_000 })
    interrupted.kill(signal)
    await once(interrupted, 'exit')
    expect(packagesDue(root)).toBe(true)
    await rm(at('slow'))
    expect((await finished(install())).code).toBe(0)
    expect(packagesDue(root)).toBe(false)
  })

  it('shows why npm failed, and leaves the packages due', async () => {
    await writeFile(at('fail'), '')
    const { code, text } = await finished(install())
    expect(code).toBe(1)
    expect(text).toContain('npm error code EFAKE')
    expect(packagesDue(root)).toBe(true)
  })

  it('says what to run where install scripts are switched off', async () => {
    await writeFile(at('no-scripts'), '')
    const { code, text } = await finished(install())
    expect(code).toBe(1)
    expect(text).toContain('npm rebuild node esbuild --ignore-scripts=false')
  })
})
