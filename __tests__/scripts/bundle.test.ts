import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundleFile, bundleFunctions } from '../../scripts/bundle.ts'

/** What issue 4 allows for the producer, and what keeps its cold start short. */
const uploadZipBytes = 1.5 * 1024 * 1024

let root: string

const write = (path: string, text: string) => writeFileSync(join(root, path), text)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'darkroom-bundle-'))
  mkdirSync(join(root, 'functions', 'upload'), { recursive: true })
  write('functions/upload/greeting.ts', "export const greeting: string = 'hello'")
  write(
    'functions/upload/handler.ts',
    "import { greeting } from './greeting.ts'\nexport const handler = async () => ({ greeting, file: require('node:path').basename('/a/b') })",
  )
})
afterEach(() => rmSync(root, { recursive: true }))

describe('bundling', () => {
  it('makes a module that exports the handler, with `require` for CommonJS dependencies', async () => {
    const [bundle] = await bundleFunctions(['upload'], root)
    expect(bundle).toMatchObject({ name: 'upload', built: true, file: bundleFile('upload', root) })
    const { handler } = await import(pathToFileURL(bundle?.file ?? '').href)
    expect(await handler()).toEqual({ greeting: 'hello', file: 'b' })
  })

  it('makes the same bytes from the same source, wherever it lies', async () => {
    const [first] = await bundleFunctions(['upload'], root)
    const bytes = readFileSync(first?.file ?? '')
    const elsewhere = mkdtempSync(join(tmpdir(), 'darkroom-bundle-elsewhere-'))
    mkdirSync(join(elsewhere, 'functions', 'upload'), { recursive: true })
    for (const file of ['greeting.ts', 'handler.ts']) {
      writeFileSync(join(elsewhere, 'functions/upload', file), readFileSync(join(root, 'functions/upload', file)))
    }
    const [second] = await bundleFunctions(['upload'], elsewhere)
    expect(readFileSync(second?.file ?? '').equals(bytes)).toBe(true)
    rmSync(elsewhere, { recursive: true })
  })

  it('leaves a bundle alone until one of its inputs changes', async () => {
    await bundleFunctions(['upload'], root)
    expect(await bundleFunctions(['upload'], root)).toMatchObject([{ built: false }])
    write('functions/upload/greeting.ts', "export const greeting: string = 'good morning'")
    const [bundle] = await bundleFunctions(['upload'], root)
    expect(bundle?.built).toBe(true)
    expect(readFileSync(bundle?.file ?? '', 'utf8')).toContain('good morning')
  })

  it('builds again when the bundle has been removed', async () => {
    const [bundle] = await bundleFunctions(['upload'], root)
    rmSync(bundle?.file ?? '')
    expect(await bundleFunctions(['upload'], root)).toMatchObject([{ built: true }])
  })

  it('passes over functions that have no handler yet', async () => {
    expect(await bundleFunctions(['upload', 'purge'], root)).toHaveLength(1)
  })

  it('names file and line of a mistake, and keeps the bundle that was good', async () => {
    await bundleFunctions(['upload'], root)
    write('functions/upload/handler.ts', "import { gone } from './gone.ts'\nexport const handler = gone")
    await expect(bundleFunctions(['upload'], root)).rejects.toThrow('functions/upload/handler.ts:1:')
    expect(readFileSync(bundleFile('upload', root), 'utf8')).toContain('hello')
  })
})

describe("the producer's bundle", () => {
  it('stays within its size budget when zipped', async () => {
    const [bundle] = await bundleFunctions(['upload'])
    const zip = zipSync({ 'index.mjs': readFileSync(bundle?.file ?? '') })
    expect(zip.byteLength).toBeLessThan(uploadZipBytes)
  })
})
