import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cachedFolder, type Recipe } from '../../../local/setup/cached.ts'

const silent = { line: () => {}, step: () => ({ update: () => {}, done: () => {}, fail: () => {} }) }

describe('a folder in the cache', () => {
  let cache: string
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'darkroom-cache-'))
  })
  afterEach(() => rm(cache, { recursive: true }))

  const recipe = (make: Recipe['make']): Recipe => ({ title: 'Tool 1.0', folder: join(cache, 'tool-1.0'), make })
  const writeTool = (folder: string) => writeFile(join(folder, 'tool'), 'binary')

  it('is made once', async () => {
    const make = vi.fn(writeTool)
    const folder = await cachedFolder(recipe(make), silent)
    expect(await readFile(join(folder, 'tool'), 'utf8')).toBe('binary')
    expect(await cachedFolder(recipe(make), silent)).toBe(folder)
    expect(make).toHaveBeenCalledTimes(1)
  })

  it('does not exist before it is whole', async () => {
    await cachedFolder(
      recipe(async (folder) => {
        await writeTool(folder)
        expect(existsSync(join(cache, 'tool-1.0'))).toBe(false)
      }),
      silent,
    )
    expect(await readdir(cache)).toEqual(['tool-1.0'])
  })

  it('leaves nothing behind when it cannot be made, and is made the next time', async () => {
    const failing = cachedFolder(
      recipe(async (folder) => {
        await writeTool(folder)
        throw new Error('no network')
      }),
      silent,
    )
    await expect(failing).rejects.toThrow('no network')
    expect(await readdir(cache)).toEqual([])
    await cachedFolder(recipe(writeTool), silent)
    expect(await readdir(cache)).toEqual(['tool-1.0'])
  })

  it('removes what an interrupted process left', async () => {
    await mkdir(join(cache, 'tool-1.0.partial-999'))
    await mkdir(join(cache, 'tool-1.0.1.partial-999'))
    await cachedFolder(recipe(writeTool), silent)
    expect((await readdir(cache)).sort()).toEqual(['tool-1.0', 'tool-1.0.1.partial-999'])
  })

  it('is made once when it is wanted twice at the same time, and the second is told', async () => {
    const make = vi.fn(async (folder: string) => {
      await new Promise((end) => setTimeout(end, 50))
      await writeTool(folder)
    })
    const line = vi.fn()
    const report = { ...silent, line }
    await Promise.all([cachedFolder(recipe(make), report), cachedFolder(recipe(make), report)])
    expect(make).toHaveBeenCalledTimes(1)
    expect(line).toHaveBeenCalledWith(`… Tool 1.0: process ${process.pid} is at it already, waiting for it`)
  })
})
