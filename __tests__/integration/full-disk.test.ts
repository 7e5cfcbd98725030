/** A lake whose disk is full: uploads are refused with a clear error, and what was acknowledged is there afterwards. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { temporaryHome } from '../../local/own-platform.ts'
import { apiClient } from '../support/api.ts'
import { type Platform, startPlatform } from '../support/platform.ts'

const small = '24m'
const large = '400m'
let mounted: string | undefined
let platform: Platform | undefined

/** A disk of its own for the lake. @returns why it cannot be had, if so */
function mountSmallDisk(folder: string): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  try {
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${small}`, 'tmpfs', folder], { stdio: 'pipe' })
    mounted = folder
    return undefined
  } catch (error) {
    return `this machine does not let us mount a disk: ${(error as Error).message.split('\n')[0]}`
  }
}

const grow = (folder: string) => execFileSync('mount', ['-o', `remount,size=${large}`, folder])

const photograph = () =>
  sharp({
    create: {
      width: 1000,
      height: 1000,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer()

afterAll(async () => {
  await platform?.stop({ keep: true })
  if (mounted) execFileSync('umount', [mounted])
}, 120_000)

it('refuses what it cannot store, loses nothing that it acknowledged, and goes on when there is room', {
  timeout: 300_000,
}, async (context) => {
  const home = await temporaryHome('test')
  const reason = mountSmallDisk(join(home, 'data', 's3'))
  if (reason) return context.skip(reason)
  platform = await startPlatform({ DARKROOM_HOME: home })
  const api = apiClient(platform.url, await platform.token('uploaders'))

  const acknowledged: string[] = []
  let refusal: Awaited<ReturnType<typeof api.upload>> | undefined
  for (let n = 0; n < 40 && !refusal; n += 1) {
    const answer = await api.upload(await photograph(), 'image/png')
    if (answer.status === 202) acknowledged.push(answer.json.id)
    else refusal = answer
  }
  expect(acknowledged.length).toBeGreaterThan(0)
  expect(refusal).toMatchObject({ status: 503, json: { code: 'lake-unavailable', hint: expect.any(String) } })
  expect(refusal?.headers.get('retry-after')).toBeTruthy()
  expect(new Set((await api.all()).map(({ id }) => id))).toEqual(new Set(acknowledged))

  grow(mounted as string)
  for (const id of acknowledged) expect((await api.settled(id, 120_000)).status).toBe('processed')
  const { status, json } = await api.upload(await photograph(), 'image/png')
  expect(status).toBe(202)
  expect((await api.settled(json.id)).status).toBe('processed')
})
