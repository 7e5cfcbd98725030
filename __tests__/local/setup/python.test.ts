import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { ensureVenv } from '../../../local/setup/python.ts'

const silent = { line: () => {}, step: () => ({ update: () => {}, done: () => {}, fail: () => {} }) }

it('a Python environment works from its final place, and is kept per content of its requirements', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-venv-'))
  const requirementsFile = join(folder, 'databricks/requirements.txt')
  await mkdir(dirname(requirementsFile))
  await writeFile(requirementsFile, '# nothing yet\n')
  const cache = join(folder, 'cache')

  const { python } = await ensureVenv({ cache }, silent, requirementsFile)
  expect(execFileSync(python, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' })).toContain(cache)
  // pip's own script starts by naming its interpreter: the folder must not be the temporary one.
  expect(await readFile(join(dirname(python), 'pip'), 'utf8')).toMatch(`#!${python}`)
  expect(await ensureVenv({ cache }, silent, requirementsFile)).toEqual({ python })
  expect(await readdir(cache)).toHaveLength(1)
  await rm(folder, { recursive: true })
}, 60_000)
