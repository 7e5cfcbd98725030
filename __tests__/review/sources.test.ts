/** What a path on the command line of the review is. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { editedSince, givenAt } from '../../review/sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'darkroom-sources-'))
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, json: object): string => {
  const file = join(folder, name)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, JSON.stringify(json))
  return file
}
const stack = { '//': { metadata: { stackName: 'darkroom-dev-lake' } }, resource: {} }
const ours = write('out/stacks/darkroom-dev-lake/cdk.tf.json', stack)
write('out/manifest.json', {})

describe('a path', () => {
  it('to a synthesized stack is that stack, by the name within', () => {
    expect(givenAt(ours)).toMatchObject({ kind: 'stack', name: 'darkroom-dev-lake' })
    expect(givenAt(join(folder, 'out/stacks/darkroom-dev-lake'))).toMatchObject({ name: 'darkroom-dev-lake' })
  })

  it('to another file of Terraform is a stack by the file’s name', () => {
    const file = write('bucket.tf.json', { resource: { aws_s3_bucket: { it: {} } } })
    expect(givenAt(file)).toMatchObject({ kind: 'stack', name: 'bucket' })
  })

  it('to a plan is a plan', () => {
    expect(givenAt(write('plan.json', { format_version: '1.2', resource_changes: [] })).kind).toBe('plan')
  })

  it('to a folder is all of its stacks', () => {
    expect(givenAt(join(folder, 'out'))).toEqual({ kind: 'stacks', folder: join(folder, 'out/stacks') })
  })

  it.each([
    ['to nothing', () => join(folder, 'nowhere'), /nothing at .*npm run synth/],
    ['to something else', () => write('other.json', { a: 1 }), /neither a stack .* nor a plan/],
    ['to no JSON', () => join(import.meta.dirname, 'sources.test.ts'), /is no JSON/],
  ])('%s is refused in words', (_, path, words) => {
    expect(() => givenAt(path())).toThrow(words)
  })
})

describe('a stack in cdktf.out', () => {
  const at = (seconds: number) => {
    utimesSync(join(folder, 'out/manifest.json'), 1_000, 1_000)
    utimesSync(ours, seconds, seconds)
    return editedSince(join(folder, 'out')).map(({ name }) => name)
  }

  it('that was written with the others is what the code made', () => {
    expect(at(999)).toEqual([])
  })

  it('that was changed later is somebody’s own', () => {
    expect(at(1_001)).toEqual(['darkroom-dev-lake'])
  })

  it('is not there before anything was synthesized', () => {
    expect(editedSince(join(folder, 'nowhere'))).toEqual([])
  })
})
