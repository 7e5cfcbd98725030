/** How accepting uploads grows with the size of a batch, and with that of an image. */
import pMap from 'p-map'
import PQueue from 'p-queue'
import { bareBucket, uploader } from '../clients.ts'
import { contest, named, ratio, summary } from '../contest.ts'
import { ofSize, photograph } from '../images.ts'
import { startPlatform } from '../platform.ts'
import { type Grow, type Panel, rounds } from './panel.ts'

const batchSizes = [1, 5, 20, 50, 100]
const megabytes = [0.1, 0.5, 1, 2, 4]
const images = 100

export const growAcceptance: Grow = async (progress) => {
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway'])
  try {
    return [await byBatch(platform, progress), await bySize(platform, progress)]
  } finally {
    await platform.stop()
  }
}

type Platform = Awaited<ReturnType<typeof startPlatform>>

async function byBatch({ config, token }: Platform, progress: (text: string) => void): Promise<Panel> {
  const { batch } = uploader(config.urls.gateway, token)
  const photo = ofSize(await photograph(1e6), 100_000)
  const points = []
  for (const x of batchSizes) {
    progress(`batches of ${x}`)
    const parts = Array.from({ length: images / x }, () => Array.from({ length: x }, () => photo))
    const bodies = new PQueue({ concurrency: 8 })
    const [result] = await contest(
      { batch: () => pMap(parts, (some) => batch(some, bodies), { concurrency: 2 }) },
      rounds,
    )
    points.push({ x, value: summary(result?.rounds.map(({ wall }) => (images * 1000) / wall) ?? []) })
  }
  return { of: 'images of a batch, 0.1 MB each', what: 'accepted a second', points }
}

async function bySize({ config, token }: Platform, progress: (text: string) => void): Promise<Panel> {
  const { batch } = uploader(config.urls.gateway, token)
  const { presigned, put } = bareBucket(config)
  const photo = await photograph(1e6)
  const points = []
  for (const x of megabytes) {
    progress(`images of ${x} MB`)
    const bodies = new PQueue({ concurrency: 8 })
    const some = Array.from({ length: images / 4 }, () => ofSize(photo, x * 1e6))
    const links = await presigned((rounds + 1) * 2 * some.length)
    const results = await contest(
      {
        batches: () => pMap([some, some], (half) => batch(half, bodies), { concurrency: 2 }),
        puts: () => pMap([...some, ...some], (image) => put(links.pop() ?? '', image), { concurrency: 8 }),
      },
      rounds,
    )
    points.push({ x, value: ratio(named(results, 'batches'), named(results, 'puts'), 'wall') })
  }
  return { of: 'size of an image, MB', what: 'batches against bare PUTs, ×', points, goal: 0.7 }
}
