/** From the acknowledged upload to the processed image, beyond the processing itself: what stream and trigger add. */
import { setTimeout as pause } from 'node:timers/promises'
import type { ImageView } from '../../contract/schemas.ts'
import { uploader } from '../clients.ts'
import { type Summary, summary } from '../contest.ts'
import type { Measure } from '../measurement.ts'
import { startPlatform } from '../platform.ts'
import { benchImages } from './processing.ts'

const deadlineMs = 60_000

export const measureLatency: Measure = async ({ images: count, rounds, progress }) => {
  const images = await benchImages(count)
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway', 'triggers'])
  const { single } = uploader(platform.config.urls.gateway, platform.token)
  const headers = { authorization: `Bearer ${platform.token}` }
  const processed = async (url: string): Promise<ImageView> => {
    const deadline = performance.now() + deadlineMs
    while (performance.now() < deadline) {
      const image = (await (await fetch(url, { headers })).json()) as ImageView
      if (image.status === 'processed') return image
      // Rare enough that asking does not slow down what is asked about.
      await pause(100)
    }
    throw new Error(`${url} was not processed within ${deadlineMs} ms`)
  }
  try {
    const beyond: number[] = []
    for (let round = 0; round <= rounds; round += 1) {
      progress(`round ${round}`)
      for (const image of images) {
        const { status_url: url } = await single(image)
        const done = await processed(url)
        // The first round warms up.
        if (round > 0) beyond.push(latencyOf(done) - (done.processing_ms ?? 0))
      }
    }
    return [
      {
        what: 'upload to processed, beyond processing, p50',
        value: percentile(beyond, 0.5),
        unit: 'ms',
        goal: { atMost: 150 },
      },
      { what: 'upload to processed, beyond processing, p99', value: percentile(beyond, 0.99), unit: 'ms' },
    ]
  } finally {
    await platform.stop()
  }
}

function latencyOf({ received_at, timeline }: ImageView): number {
  const at = timeline.find(({ status }) => status === 'processed')?.at ?? received_at
  return Date.parse(at) - Date.parse(received_at)
}

/** The percentile as median, between the least and the most of all. */
function percentile(values: readonly number[], share: number): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const at = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
  return { ...summary(values), median: at }
}
