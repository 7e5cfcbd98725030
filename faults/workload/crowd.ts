/** The clients of a run, all at once: they upload, erase and let images come of age until they are told to stop. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Observer } from '../observe.ts'
import { type Random, seeded } from '../random.ts'
import { age } from './aging.ts'
import { carryOutBatch } from './batch.ts'
import type { Client } from './client.ts'
import type { Upload } from './history.ts'
import type { Sample } from './images.ts'
import { type DrawPlan, newUpload, planUpload, type UploadPlan } from './plan.ts'
import { carryOut, erase } from './uploads.ts'

export type Crowd = {
  readonly uploads: readonly Upload[]
  /** No new uploads; settles when all that were begun have come to their ends. */
  stop(): Promise<void>
  /** The platform has gone: nobody goes on, and nobody is waited for. */
  abandon(): void
}

export type CrowdOptions = {
  readonly client: Client
  readonly observer: Observer
  readonly samples: readonly Sample[]
  readonly seed: number
  readonly people: number
  /** Between two uploads of one person, in milliseconds. */
  readonly pauseMs: readonly [least: number, most: number]
  /** What is uploaded; drawn from the seed where it is not said. */
  readonly plan?: DrawPlan
  /** How many of the images that nobody erases come of age during the run; an eighth where it is not said. */
  readonly shareAged?: number
}

/** Images that go in a batch with the first one. */
const companions = [1, 6] as const

export function startCrowd(options: CrowdOptions): Crowd {
  const { client, observer, samples, seed, people, pauseMs, plan = planUpload, shareAged = 1 / 8 } = options
  const uploads: Upload[] = []
  const later = new Set<Promise<void>>()
  let stopped = false

  const inBackground = (work: Promise<void>) => {
    later.add(work)
    void work.finally(() => later.delete(work))
  }

  async function afterwards(random: Random, upload: Upload, how: UploadPlan['erase']): Promise<void> {
    if (upload.acknowledged.size === 0) return
    if (how !== 'no') {
      await pause(how === 'at-once' ? random.integer(0, 80) : random.integer(500, 8_000))
      await erase(client, upload)
    } else if (random.chance(shareAged)) {
      await pause(random.integer(500, 8_000))
      if (!stopped) await age(observer, upload)
    }
  }

  /** One image, or a batch of them. */
  async function upload(random: Random): Promise<void> {
    const drawn = plan(random, samples)
    const { way } = drawn
    const plans = [drawn]
    for (let more = way === 'batch' ? random.integer(...companions) : 0; more > 0; more -= 1) {
      plans.push(plan(random, samples, 'batch'))
    }
    const items = plans.map((each, n) => ({ plan: each, upload: newUpload(uploads.length + 1 + n, each) }))
    uploads.push(...items.map((item) => item.upload))
    if (way === 'batch') await carryOutBatch(client, items)
    else await Promise.all(items.map((item) => carryOut(client, item.upload, { ...item.plan, way })))
    for (const item of items) inBackground(afterwards(random, item.upload, item.plan.erase))
  }

  async function person(number: number): Promise<void> {
    const random = seeded(seed * 1_000 + number)
    while (!stopped) {
      await upload(random)
      await pause(random.integer(...pauseMs))
    }
  }

  const all = Promise.all(Array.from({ length: people }, (_, number) => person(number + 1)))
  return {
    uploads,
    async stop() {
      stopped = true
      await all
      await Promise.all(later)
    },
    abandon() {
      stopped = true
    },
  }
}
