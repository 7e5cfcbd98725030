/** Large photographs on disk, and what a browser sends of them to the storage. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page, Request, Response } from 'playwright-core'
import sharp from 'sharp'
import { onTestFinished } from 'vitest'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A PNG of noise, which does not compress: about as many bytes as asked for. */
export async function largeFile(bytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-large-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const name = `Large ${crypto.randomUUID().slice(0, 8)}.png`
  const path = join(folder, name)
  const width = 3_000
  const height = Math.floor(bytes / 3 / width)
  const raw = { width, height, channels: 3 } as const
  await sharp(randomBytes(width * height * 3), { raw })
    .png({ compressionLevel: 0 })
    .toFile(path)
  const content = await readFile(path)
  return { name, path, bytes: content.byteLength, sha256: sha256(content) }
}

const partOf = (request: Request) => {
  const number = new URL(request.url()).searchParams.get('partNumber')
  return request.method() === 'PUT' && number ? Number(number) : undefined
}

/** Counts the parts that the storage has taken, by number. */
export function countParts(page: Page) {
  const taken = new Map<number, number>()
  page.on('response', (response: Response) => {
    const number = partOf(response.request())
    if (number !== undefined && response.status() === 200) taken.set(number, (taken.get(number) ?? 0) + 1)
  })
  return taken
}

/** Lets so many parts through and holds the others until it is let go of. */
export async function holdAfter(page: Page, parts: number) {
  let through = 0
  const pattern = /partNumber=/
  await page.route(pattern, async (route) => {
    if (partOf(route.request()) === undefined || through < parts) {
      through += partOf(route.request()) === undefined ? 0 : 1
      return route.continue()
    }
    // Neither answered nor refused: a connection on which nothing moves.
  })
  return { letGo: () => page.unroute(pattern) }
}
