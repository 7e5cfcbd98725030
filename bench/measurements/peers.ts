/**
 * Processing beside what others use for it: thumbor, an image service, over HTTP, and ImageMagick, a command. Each makes
 * the renditions of our standard recipe from the same photographs, in its fastest settings of the same formats, as many
 * at once as there are cores.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pMap from 'p-map'
import { localConfig } from '../../config.ts'
import { imageLimits } from '../../functions/process/limits.ts'
import { prepareRecipe } from '../../functions/process/prepare.ts'
import { processImage } from '../../functions/process/process-image.ts'
import { recipes } from '../../functions/process/recipes.ts'
import { ensureVenv } from '../../local/setup/python.ts'
import { ensureSystem, MissingRequirementError } from '../../local/setup/system.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import { createReport } from '../../scripts/bootstrap/progress.mjs'
import { contest, named, ratio } from '../contest.ts'
import type { Figure, Measure, Skipped } from '../measurement.ts'
import { benchImages } from './processing.ts'

const names = { ours: 'processImage()', thumbor: 'thumbor 7.8', magick: 'ImageMagick' } as const
const cores = availableParallelism()
/** A file with the extension that its format has. */
type File = { readonly path: string; readonly name: string; readonly extension: string }

export const measurePeers: Measure = async ({ images: count, rounds, progress }) => {
  const images = (await benchImages(count)).filter(({ contentType }) => /jpeg|png|webp/.test(contentType))
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
  const cleanUp: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const files = await pMap(images, async ({ bytes, contentType }, n): Promise<File> => {
      const extension = contentType.slice('image/'.length).replace('jpeg', 'jpg')
      const path = join(folder, `${n}.${extension}`)
      await writeFile(path, bytes)
      return { path, name: `${n}.${extension}`, extension }
    })
    const recipe = await prepareRecipe(recipes.standard)
    const skipped: Skipped[] = []
    const contenders: Record<string, () => Promise<unknown>> = {
      [names.ours]: () =>
        pMap(images, ({ bytes, contentType }) => processImage(bytes, contentType, { recipe, limits: imageLimits }), {
          concurrency: cores,
        }),
    }
    progress('starting thumbor')
    const thumbor = await startThumbor(folder)
    cleanUp.unshift(thumbor.stop)
    contenders[names.thumbor] = () => pMap(files, thumbor.render, { concurrency: cores })
    try {
      await ensureSystem(['imagemagick'], createReport())
      contenders[names.magick] = () => pMap(files, (file) => magick(file, folder), { concurrency: cores })
    } catch (error) {
      if (!(error instanceof MissingRequirementError)) throw error
      skipped.push({ what: `${names.ours} against ${names.magick}`, because: error.message })
    }
    const results = await contest(contenders, rounds, (round) => progress(`round ${round}`))
    const goals: Record<string, number> = { [names.thumbor]: 1.5, [names.magick]: 4 }
    const figures = results.slice(1).map(
      (theirs): Figure => ({
        what: `${names.ours} against ${theirs.name}, by time`,
        value: ratio(named(results, names.ours), theirs, 'wall'),
        unit: '×',
        goal: { atLeast: goals[theirs.name] ?? 1 },
      }),
    )
    return [...figures, ...skipped]
  } finally {
    for (const end of cleanUp) await end()
  }
}

/** thumbor has no recipe: each rendition is a request of its own. As many processes as there are cores. */
async function startThumbor(images: string) {
  const config = localConfig()
  const { python } = await ensureVenv(config, createReport(), join(import.meta.dirname, '../requirements.txt'))
  const settings = join(images, 'thumbor.conf')
  await writeFile(
    settings,
    [
      "LOADER = 'thumbor.loaders.file_loader'",
      `FILE_LOADER_ROOT_PATH = ${JSON.stringify(images)}`,
      "STORAGE = 'thumbor.storages.no_storage'",
      'RESULT_STORAGE = None',
      'ALLOW_UNSAFE_URL = True',
      'RESPECT_ORIENTATION = True',
    ].join('\n'),
  )
  const port = await freePort()
  const child = spawn(
    python,
    [
      '-m',
      'thumbor.server',
      '-p',
      String(port),
      '-i',
      '127.0.0.1',
      '-c',
      settings,
      '-l',
      'error',
      '--processes',
      String(cores),
    ],
    { stdio: 'ignore', detached: true },
  )
  const stop = async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    // The whole group: thumbor's processes are its children.
    process.kill(-(child.pid as number), 'SIGKILL')
    await ended
  }
  const url = `http://127.0.0.1:${port}`
  await answers(`${url}/healthcheck`, child)
  const small = (side: number, format: string, quality: number) =>
    `fit-in/${side}x${side}/filters:format(${format}):quality(${quality})`
  const full: Record<string, string> = {
    jpg: 'filters:quality(80)',
    png: 'filters:format(png)',
    webp: 'filters:quality(80)',
  }
  const render = async ({ name, extension }: File) => {
    const all = [small(256, 'webp', 80), small(1024, 'webp', 80), small(1024, 'avif', 60), full[extension]]
    for (const one of all) {
      const answer = await fetch(`${url}/unsafe/${one}/${name}`)
      const bytes = await answer.arrayBuffer()
      if (!answer.ok || bytes.byteLength === 0) throw new Error(`thumbor answered ${answer.status} to ${one}/${name}`)
    }
  }
  return { render, stop }
}

/** All renditions by one command, which decodes once. */
const magick = ({ path, name, extension }: File, folder: string) => {
  const made = (suffix: string) => join(folder, `made-${name}.${suffix}`)
  const small = (side: number, options: string[], suffix: string) => [
    '(',
    '+clone',
    '-resize',
    `${side}x${side}>`,
    ...options,
    '-write',
    made(suffix),
    '+delete',
    ')',
  ]
  const webp = ['-quality', '80', '-define', 'webp:method=2']
  return run('/usr/bin/convert', [
    ...[path, '-auto-orient', '-strip'],
    ...small(256, webp, 'thumb.webp'),
    ...small(1024, webp, 'preview.webp'),
    ...small(1024, ['-quality', '60', '-define', 'heic:speed=9'], 'preview.avif'),
    ...(extension === 'png' ? ['-quality', '65'] : ['-quality', '80']),
    made(`full.${extension}`),
  ])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

async function answers(url: string, child: ReturnType<typeof spawn>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (performance.now() < deadline && child.exitCode === null) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    await pause(100)
  }
  throw new Error('thumbor did not start')
}
