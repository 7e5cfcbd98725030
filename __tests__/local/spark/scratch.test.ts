import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openScratch, scratchFolder, sweepScratch } from '../../../local/spark/scratch.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'darkroom-scratch-'))
})
afterEach(() => rmSync(home, { recursive: true }))

/** A process that opens its folder, fills it and ends. @returns what it has left */
function runAndEnd(how: string): string[] {
  const module = join(import.meta.dirname, '../../../local/spark/scratch.ts')
  const code = `
    import { writeFileSync } from 'node:fs'
    import { openScratch } from ${JSON.stringify(module)}
    writeFileSync(openScratch(${JSON.stringify(home)}) + '/rows', 'of images')
    ${how}`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return readdirSync(scratchFolder(home))
}

describe("Spark's scratch folder", () => {
  it.each([
    '',
    'process.exit(3)',
    "process.on('SIGTERM', () => process.exit(143)); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 50)",
  ])('goes with its process: %s', (how) => {
    expect(runAndEnd(how)).toEqual([])
  })

  it('of a process that was killed is removed by whoever looks next', async () => {
    expect(runAndEnd("process.kill(process.pid, 'SIGKILL')")).toHaveLength(1)
    await sweepScratch(home)
    expect(readdirSync(scratchFolder(home))).toEqual([])
  })

  it('of a process that lives stays, and one under its number by a process before it goes', async () => {
    const own = openScratch(home)
    writeFileSync(join(own, 'rows'), 'of images')
    const before = join(scratchFolder(home), `${process.pid}-1`)
    mkdirSync(before)
    await sweepScratch(home)
    expect(readdirSync(scratchFolder(home)).map((name) => join(scratchFolder(home), name))).toEqual([own])
  })

  it('that nobody has opened is no error', async () => {
    await sweepScratch(home)
    expect(readdirSync(home)).toEqual([])
  })
})
