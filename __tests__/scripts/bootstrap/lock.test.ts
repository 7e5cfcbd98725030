import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { identify, withLock } from '../../../scripts/bootstrap/lock.mjs'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-lock-'))
  file = join(folder, 'made/the.lock')
})
afterEach(() => rm(folder, { recursive: true }))

const lockModule = new URL('../../../scripts/bootstrap/lock.mjs', import.meta.url).href

/** A process that takes the lock, says so, and keeps it until it is killed. */
async function holderProcess() {
  const code = `import { withLock } from '${lockModule}'
    await withLock('${file}', async () => { console.log('held'); await new Promise((end) => setTimeout(end, 60_000)) })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

describe('the lock between processes', () => {
  it('lets one work at a time', async () => {
    let inside = 0
    let most = 0
    const work = async () => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((end) => setTimeout(end, 20))
      inside -= 1
    }
    await Promise.all([withLock(file, work), withLock(file, work), withLock(file, work)])
    expect(most).toBe(1)
  })

  it('is released when the work is done, and when it throws', async () => {
    await expect(withLock(file, async () => 'result')).resolves.toBe('result')
    expect(existsSync(file)).toBe(false)
    await expect(withLock(file, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(existsSync(file)).toBe(false)
  })

  it('waits for a living process, tells whose lock it is, and takes over when that is killed', async () => {
    const holder = await holderProcess()
    const onWait = vi.fn()
    const work = vi.fn(async () => 'mine')
    const waiting = withLock(file, work, { onWait })
    await vi.waitFor(() => expect(onWait).toHaveBeenCalledWith(holder.pid))
    expect(work).not.toHaveBeenCalled()
    holder.kill('SIGKILL')
    await expect(waiting).resolves.toBe('mine')
    expect(onWait).toHaveBeenCalledTimes(1)
  })

  it('takes over from a process that has ended', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    file = join(folder, 'the.lock')
    await writeFile(file, `${child.pid} 12345\n`)
    await expect(withLock(file, async () => 'mine')).resolves.toBe('mine')
  })

  it('takes over where the process id belongs to another process now', async () => {
    file = join(folder, 'the.lock')
    await writeFile(file, `${process.pid} 1\n`)
    await expect(withLock(file, async () => 'mine')).resolves.toBe('mine')
  })

  it('names its holder while it is held', async () => {
    await withLock(file, async () => {
      expect((await readFile(file, 'utf8')).trim()).toBe(identify(process.pid))
    })
  })
})
