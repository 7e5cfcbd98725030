import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { putBackInterruptedUploads } from '../../../local/services/s3-interrupted.ts'

const upload = '0b7a3a3e-5f0e-4a6c-9d55-0a1b2c3d4e5f'

it('gives uploads that a kill interrupted their names back, and leaves the others alone', async () => {
  const objects = await mkdtemp(join(tmpdir(), 's3-interrupted-'))
  const key = join(objects, 'lake', '.sgwtmp', 'multipart', 'abc')
  await mkdir(join(key, `${upload}.9e107d9d372bb6826bd81d3542a419d6-2.inprogress`), { recursive: true })
  await writeFile(join(key, `${upload}.9e107d9d372bb6826bd81d3542a419d6-2.inprogress`, '1'), 'part')
  await mkdir(join(key, 'another-upload'))
  await mkdir(join(objects, 'failures'))
  await writeFile(join(objects, 'a-file'), '')

  expect(await putBackInterruptedUploads(objects)).toBe(1)
  expect((await readdir(key)).sort()).toEqual([upload, 'another-upload'])
  expect(await readdir(join(key, upload))).toEqual(['1'])
  expect(await putBackInterruptedUploads(objects)).toBe(0)
})

it('finds nothing where there is nothing yet', async () => {
  expect(await putBackInterruptedUploads(join(tmpdir(), 'no-such-folder'))).toBe(0)
})
