/** The notebooks on real Spark against a lake that the pipeline filled, and again after its purge. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { notebookRoutes } from '../../contract/notebook-routes.ts'
import { notebookList } from '../../contract/notebooks.ts'
import type { ImageView } from '../../contract/schemas.ts'
import { notebookNames } from '../../local/notebooks/execute.ts'
import { galleryFolder } from '../../local/notebooks/gallery.ts'
import { type Api, apiClient } from '../support/api.ts'
import { runCommand } from '../support/command.ts'
import { type Photo, photos } from '../support/corpus.ts'
import { type Platform, startPlatform } from '../support/platform.ts'

const minute = 60_000
/** A pass takes 40 s on two idle cores; the first one may have Spark to fetch. */
const passMs = 15 * minute
const processedUploads = 14

let platform: Platform
let api: Api
let uploaded: Photo[]
let images: ImageView[]

const command = (script: string, ...args: string[]) => runCommand(platform, script, ...args)

const folder = () => galleryFolder(platform.home)
async function resultOf(number: number): Promise<Record<string, unknown>> {
  const name = notebookNames().find((notebook) => notebook.startsWith(`${number}_`))
  return JSON.parse(await readFile(join(folder(), `${name}.json`), 'utf8')).result
}
async function pages(): Promise<string> {
  const files = (await readdir(folder())).filter((file) => file.endsWith('.html'))
  return (await Promise.all(files.map((file) => readFile(join(folder(), file), 'utf8')))).join('\n')
}
async function open(path: string, group: 'analysts' | 'uploaders' | 'engineers'): Promise<Response> {
  return fetch(`${platform.url}${path}`, { headers: { authorization: `Bearer ${await platform.token(group)}` } })
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
function counted<T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1
  return counts
}
const withStatus = (status: ImageView['status']) => images.filter((image) => image.status === status)

beforeAll(async () => {
  platform = await startPlatform()
  api = apiClient(platform.url, await platform.token('uploaders'))
}, 4 * minute)
afterAll(() => platform?.stop(), 2 * minute)

describe('the notebooks', () => {
  it('report an empty lake without an error', { timeout: passMs }, async () => {
    const { code, output } = await command('scripts/notebooks.ts', '--only', '3_content', '--only', '4_retention')
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(await resultOf(3)).toMatchObject({ expires_at: null, images: 0, sample: 0 })
    expect(await resultOf(4)).toMatchObject({ images: 0, overdue: 0, images_purged: 0 })
    expect(await pages()).toContain('There are no processed images in the lake')
  })

  it('report exactly what was uploaded', { timeout: passMs }, async () => {
    const all = await Array.fromAsync(photos(50, 1))
    const good = all.filter(({ expect: end }) => end === 'processed').slice(0, processedUploads)
    const bad = all.filter(({ expect: end }) => end === 'quarantined')
    uploaded = [...good, ...bad, good[0] as Photo, good[0] as Photo]
    for (const { bytes, contentType } of uploaded) expect((await api.upload(bytes, contentType)).status).toBe(202)
    const ids = (await api.all()).map(({ id }) => id)
    images = await Promise.all(ids.map((id) => api.settled(id, minute)))
    expect(bad.length).toBeGreaterThan(0)

    const { code, output } = await command('scripts/notebooks.ts')
    expect({ code, output }).toMatchObject({ code: 0 })

    const processed = withStatus('processed')
    const compressed = processed.flatMap(({ renditions }) => renditions.filter(({ name }) => name === 'compressed'))
    expect(await resultOf(1)).toMatchObject({
      images: uploaded.length,
      last_day: uploaded.length,
      quarantined: bad.length,
      bytes_original: sum(uploaded.map(({ bytes }) => bytes.byteLength)),
      bytes_compressed: sum(compressed.map(({ bytes }) => bytes)),
      formats: counted(uploaded, ({ contentType }) => contentType.replace('image/', '')),
    })
    expect(await resultOf(2)).toMatchObject({
      images: uploaded.length,
      processed: good.length + 2,
      quarantined: bad.length,
      reasons: counted(withStatus('quarantined'), ({ reason }) => reason?.code ?? ''),
      backlog: 0,
    })
    expect(await resultOf(3)).toMatchObject({
      processed: good.length + 2,
      orientations: counted(processed, ({ metadata }) => String(metadata?.orientation)),
      duplicates: {
        groups: 1,
        images: 3,
        extra: 2,
        bytes_wasted: 2 * (good[0]?.bytes.byteLength ?? 0),
        most_copies: 3,
      },
      sample: 12,
    })
    expect(await resultOf(4)).toMatchObject({
      images: uploaded.length,
      due_within_a_day: 0,
      overdue: 0,
      orphans: { without_record: 0, without_files: 0 },
    })
    expect(await resultOf(5)).toMatchObject({ images: uploaded.length, processed: processed.length })
    const firstExpiry = Math.min(...images.map(({ expires_at }) => Date.parse(expires_at)))
    for (const number of [1, 2, 3, 4, 5]) {
      expect(Date.parse(String((await resultOf(number)).expires_at))).toBe(firstExpiry)
    }
    const html = await pages()
    expect(html.match(/<img alt="" src="data:image\/webp/g)).toHaveLength(12)
    for (const { id } of images) expect(html).not.toContain(id)
  })

  it('open for analysts, and for nobody else', async () => {
    const response = await open('/notebooks/3_content.html', 'analysts')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<h1')
    const { run } = notebookList.parse(await (await open(notebookRoutes.list, 'analysts')).json())
    expect(run).toMatchObject({ lake: '/mnt/images', expires_at: expect.any(String) })
    expect(run?.notebooks.map(({ images: count, ok }) => [ok, count])).toEqual(Array(5).fill([true, uploaded.length]))
    for (const group of ['uploaders', 'engineers'] as const) {
      for (const path of [notebookRoutes.list, notebookRoutes.page('3_content')]) {
        expect([group, (await open(path, group)).status]).toEqual([group, 403])
      }
    }
  })

  it('are all that an analyst’s token opens: neither uploads nor engineers’ pages', async () => {
    const analyst = apiClient(platform.url, await platform.token('analysts'))
    const [photo] = uploaded as [Photo]
    expect((await analyst.upload(photo.bytes, photo.contentType)).status).toBe(403)
    for (const path of ['/images', '/stream', '/stream/topics']) expect((await open(path, 'analysts')).status).toBe(403)
  })

  it('lose their pages by the purge, and then report zero images without an error', { timeout: passMs }, async () => {
    expect(await command('scripts/purge.ts', '--now', '+8d')).toMatchObject({ code: 0 })
    expect((await open('/notebooks/3_content.html', 'analysts')).status).toBe(404)
    expect(existsSync(folder())).toBe(false)

    const { code, output } = await command('scripts/notebooks.ts')
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(await resultOf(1)).toMatchObject({ expires_at: null, images: 0, bytes_original: 0, formats: {} })
    expect(await resultOf(2)).toMatchObject({ images: 0, quarantined: 0, backlog: 0 })
    expect(await resultOf(3)).toMatchObject({ images: 0, processed: 0, cameras: {}, sample: 0 })
    expect(await resultOf(4)).toMatchObject({
      images: 0,
      overdue: 0,
      orphans: { without_record: 0, without_files: 0 },
      images_purged: uploaded.length,
      with_receipt: expect.any(Number),
    })
    expect(Number((await resultOf(4)).with_receipt)).toBeGreaterThan(0)
    expect(await resultOf(5)).toMatchObject({ images: 0, processed: 0 })
    const html = await pages()
    for (const { id } of images) expect(html).not.toContain(id)
    expect(html).not.toContain('data:image/webp')
  })
})
