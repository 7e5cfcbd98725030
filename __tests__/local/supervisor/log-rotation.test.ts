import { appendFile, mkdir, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rotateLogs } from '../../../local/supervisor/log-rotation.ts'
import { retention } from '../../../platform.ts'
import { temporaryHome } from './fake-service.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 10, 1)

async function homeWithLog() {
  const home = await temporaryHome()
  await mkdir(join(home, 'logs'))
  await rotateLogs(home, start)
  const file = join(home, 'logs', 'gateway.log')
  return { home, file, all: () => readAll(join(home, 'logs')) }
}

async function readAll(folder: string): Promise<string> {
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
  return texts.join('')
}

test('a line is kept for two days and gone within the time that logs may be kept', async () => {
  const { home, file, all } = await homeWithLog()
  await appendFile(file, 'image 7f\n')
  for (let now = start + hour; now <= start + 48 * hour; now += hour) await rotateLogs(home, now)
  expect(await all()).toContain('image 7f')
  for (let now = start + 49 * hour; now <= start + retention.logs; now += hour) await rotateLogs(home, now)
  expect(await all()).not.toContain('image 7f')
})

test('a process goes on writing to a log that was put aside under it', async () => {
  const { home, file } = await homeWithLog()
  const handle = await open(file, 'a')
  await handle.write('before\n')
  await rotateLogs(home, start + 25 * hour)
  await handle.write('after\n')
  await handle.close()
  expect(await readFile(file, 'utf8')).toBe('after\n')
  expect(await readFile(`${file}.${start + 25 * hour}`, 'utf8')).toBe('before\n')
})

test('a young and small log is left alone', async () => {
  const { home, file } = await homeWithLog()
  await appendFile(file, 'line\n')
  await rotateLogs(home, start + hour)
  expect(await readFile(file, 'utf8')).toBe('line\n')
})
