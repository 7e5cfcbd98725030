/** The bugs are texts in sources: when those change, the bugs must be planted anew, and this says so at once. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { applyPatch } from '../../faults/inject/settings.ts'
import { bugs } from '../../faults/planted/bugs.ts'

const root = join(import.meta.dirname, '../..')

describe('a planted bug', () => {
  it.each(bugs)('$name fits the source as it is', async ({ patch }) => {
    const source = await readFile(join(root, patch.file), 'utf8')
    expect(applyPatch(source, patch)).not.toBe(source)
  })

  it('that does not fit is refused', () => {
    const patch = { file: 'a.ts', find: 'b', replace: 'c' }
    expect(() => applyPatch('a', patch)).toThrow('does not fit a.ts')
    expect(() => applyPatch('bb', patch)).toThrow('2 places')
  })

  it('is in either way of erasing: one image by itself, and those that are due together', () => {
    const files = bugs.map(({ patch }) => patch.file)
    expect(files).toContain('functions/shared/erase.ts')
    expect(files).toContain('functions/purge/together.ts')
  })

  it('has a name of its own, and there are more than ten', () => {
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
    expect(bugs.length).toBeGreaterThan(10)
  })
})
