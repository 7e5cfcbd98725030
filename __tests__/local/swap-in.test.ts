import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { swapIn } from '../../local/swap-in.ts'

async function folders() {
  const root = await mkdtemp(join(tmpdir(), 'darkroom-swap-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const build = async (name: string, mark: string) => {
    await mkdir(join(root, name, 'assets'), { recursive: true })
    await writeFile(join(root, name, 'assets', `${mark}.js`), mark)
    await writeFile(join(root, name, 'index.html'), mark)
    return join(root, name)
  }
  return { root, build }
}

describe('swapping a build in', () => {
  it('never lets a reader find a page whose script is missing, and leaves nothing of the old build', async () => {
    const { build, root } = await folders()
    const served = await build('served', 'mark-0')
    let reading = true
    const seen = new Set<string>()
    const reader = (async () => {
      while (reading) {
        const page = await readFile(join(served, 'index.html'), 'utf8')
        const script = existsSync(join(served, 'assets', `${page}.js`))
        // The page may have been replaced between the two looks; then the next look decides.
        if (!script) expect(await readFile(join(served, 'index.html'), 'utf8')).not.toBe(page)
        seen.add(page)
      }
    })()
    for (let round = 1; round <= 20; round++) {
      await swapIn(await build('next', `mark-${round}`), served, 'index.html')
    }
    reading = false
    await reader
    expect(seen.size).toBeGreaterThan(1)
    expect(await readdir(join(served, 'assets'))).toEqual(['mark-20.js'])
    expect(existsSync(join(root, 'next'))).toBe(false)
  })

  it('refuses a build without its entry and leaves the served one alone', async () => {
    const { build } = await folders()
    const served = await build('served', 'old')
    const next = await build('next', 'new')
    await rm(join(next, 'index.html'))
    await expect(swapIn(next, served, 'index.html')).rejects.toThrow('no index.html')
    expect(await readdir(join(served, 'assets'))).toEqual(['old.js'])
  })
})
