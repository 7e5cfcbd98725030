import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { environmentWith } from '../../config.ts'

const root = resolve(import.meta.dirname, '../..')
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-doctor-'))
})
afterEach(() => rm(folder, { recursive: true }))

function doctor(variables: Record<string, string>): Promise<{ code: number; text: string }> {
  const env = environmentWith({ DARKROOM_HOME: join(folder, 'home'), ...variables })
  return new Promise((settle) =>
    execFile(process.execPath, ['scripts/doctor.mjs'], { cwd: root, env }, (error, stdout, stderr) =>
      settle({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    ),
  )
}

describe('npm run doctor', () => {
  it('names every tool that a bare machine lacks, and ends with 1', async () => {
    await symlink('/bin/sh', join(folder, 'sh'))
    const { code, text } = await doctor({ PATH: folder })
    expect(code).toBe(1)
    for (const name of ['npm', 'Java', 'Maven', 'Go', 'Python', 'Chromium']) {
      expect(text).toMatch(new RegExp(`✗ ${name}.*not found`))
    }
    expect(text).toMatch(/✓ Node 20 or later/)
    expect(text).toContain('missing.')
  })

  it('names a taken port with the variable that changes it', async () => {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    const { code, text } = await doctor({ DARKROOM_S3_PORT: port })
    server.close()
    expect(code).toBe(1)
    expect(text).toMatch(new RegExp(`✗ port ${port} \\(s3\\) +taken by another process\n +→ set DARKROOM_S3_PORT`))
  })

  it('names a variable that does not fit', async () => {
    const { code, text } = await doctor({ DARKROOM_GATEWAY_PORT: 'eighty' })
    expect(code).toBe(1)
    expect(text).toContain('DARKROOM_GATEWAY_PORT')
  })
})
