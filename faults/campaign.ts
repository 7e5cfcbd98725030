/** One run: a platform, clients, faults, and the reckoning at the end. */

import { readdir } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { checkAccounts } from './check/accounts.ts'
import type { Finding } from './check/findings.ts'
import { checkObjects } from './check/objects.ts'
import type { SourcePatch } from './inject/settings.ts'
import { callsFolder } from './inject/settings.ts'
import { createObserver, type Observation, type Observer } from './observe.ts'
import { type FaultPlatform, startPlatform } from './platform.ts'
import { seeded } from './random.ts'
import { isKill, type Lane, lanes, type Schedule } from './schedule.ts'
import { playGrace, playPurgeAndReplay, settle } from './settle.ts'
import { createStriker, type Striker, type Struck } from './strike.ts'
import { createClient } from './workload/client.ts'
import { type Crowd, type CrowdOptions, startCrowd } from './workload/crowd.ts'
import type { Upload } from './workload/history.ts'
import { makeSamples } from './workload/images.ts'

export type CampaignResult = {
  readonly home: string
  readonly uploads: readonly Upload[]
  readonly struck: readonly Struck[]
  /** Calls of functions that were seen, as `<function> <call>`: each has two sides at which it may end. */
  readonly calls: readonly string[]
  readonly seen: Observation
  readonly findings: readonly Finding[]
  readonly minutes: number
}

export type CampaignOptions = {
  readonly seed: number
  readonly bundles?: Readonly<Record<string, string>>
  readonly patches?: readonly SourcePatch[]
  readonly crowd: Pick<CrowdOptions, 'people' | 'pauseMs'> & Partial<Pick<CrowdOptions, 'plan' | 'shareAged'>>
  /** Does the faults, while clients are at work; returns when the run is to end. */
  readonly faults: (scene: Scene) => Promise<void>
  /** Skips what comes after the first finding: a planted bug has been caught then. */
  readonly stopAtFirst?: boolean
  readonly say: (line: string) => void
}

/** What a run's faults work with. */
export type Scene = {
  readonly platform: FaultPlatform
  readonly striker: Striker
  readonly crowd: Crowd
  readonly observer: Observer
}

/** @throws Error where the platform did not start or did not become well again: that is no finding, but no proof either */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, say, stopAtFirst = false } = options
  const began = performance.now()
  const platform = await startPlatform({ bundles: options.bundles ?? {}, patches: options.patches ?? [] })
  let keep = true
  let crowd: Crowd | undefined
  try {
    say(`platform ready after ${seconds(began)} s in ${platform.config.home}`)
    const observer = createObserver(platform.config)
    const samples = await makeSamples(seeded(seed))
    const client = createClient(platform.url, platform.token, platform.proxies.s3.port)
    const striker = createStriker(platform)
    const people = startCrowd({ ...options.crowd, client, observer, samples, seed })
    crowd = people
    await options.faults({ platform, striker, crowd: people, observer })
    say(`${striker.struck.length} faults done after ${seconds(began)} s; making everything well again`)
    await striker.heal()
    await people.stop()
    await striker.heal()

    const acknowledged = new Set(people.uploads.flatMap((upload) => [...upload.acknowledged]))
    const { findings, seen } = await settle(platform, observer, acknowledged)
    say(`settled after ${seconds(began)} s; checking ${seen.rows.size} rows`)
    findings.push(...checkAccounts(people.uploads, seen), ...(await checkObjects(people.uploads, seen, observer.lake)))
    const goOn = (next: string) => {
      say(`${findings.length} findings so far, after ${seconds(began)} s; ${next}`)
      return !stopAtFirst || findings.length === 0
    }
    if (goOn('playing the grace')) findings.push(...(await playGrace(platform, observer, seen)))
    if (goOn('playing eight days, and the topic once more'))
      findings.push(...(await playPurgeAndReplay(platform, observer)))
    keep = findings.length > 0 && !stopAtFirst
    return {
      home: platform.config.home,
      uploads: people.uploads,
      struck: striker.struck,
      calls: await readdir(callsFolder(platform.folder)),
      seen,
      findings,
      minutes: (performance.now() - began) / 60_000,
    }
  } catch (error) {
    throw new Error(`The run broke off (${(error as Error).message}); ${platform.config.home} is kept`, {
      cause: error,
    })
  } finally {
    crowd?.abandon()
    await platform.stop({ keep })
  }
}

const acknowledgedOf = ({ uploads }: Crowd) => uploads.filter(({ acknowledged }) => acknowledged.size > 0).length

/**
 * How long a lane waits for another upload to be acknowledged before it strikes again. Struck sooner, a busy machine
 * would let nothing through, and nothing would be tested; an idle one hardly waits. What takes no part in acknowledging
 * waits little, and what calls its own functions need not.
 */
const progressWithinMs: Record<Lane, number> = {
  stores: 60_000,
  platform: 60_000,
  upload: 20_000,
  images: 4_000,
  processor: 4_000,
  republish: 0,
  purge: 0,
  network: 20_000,
}

async function untilMore(crowd: Crowd, before: number, limitMs: number): Promise<void> {
  for (const deadline = performance.now() + limitMs; performance.now() < deadline; await pause(100)) {
    if (acknowledgedOf(crowd) > before) return
  }
}

const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(0)

/** Does what a schedule says, lane beside lane. @param leastMs the run lasts at least so long */
export const following =
  (schedule: Schedule, say: (line: string) => void, leastMs = 5_000) =>
  async ({ striker, crowd }: Scene): Promise<void> => {
    const total = Object.values(schedule)
      .flat()
      .filter(({ fault }) => isKill(fault)).length
    const began = performance.now()
    const progress = setInterval(() => {
      const kills = striker.struck.filter(({ kind }) => kind.startsWith('kill')).length
      const acknowledged = acknowledgedOf(crowd)
      const counts = `${kills} of ${total} kills, ${striker.struck.length} faults in all`
      say(`${seconds(began)} s: ${counts}; ${crowd.uploads.length} uploads, ${acknowledged} acknowledged`)
    }, 10_000)
    try {
      await Promise.all(
        lanes.map(async (lane) => {
          for (const { fault, pauseMs } of schedule[lane]) {
            const before = acknowledgedOf(crowd)
            await pause(pauseMs)
            await untilMore(crowd, before, progressWithinMs[lane])
            await striker.strike(fault).catch((error) => say(`${fault.kind} could not be done: ${error.message}`))
          }
        }),
      )
      await pause(Math.max(0, leastMs - (performance.now() - began)))
    } finally {
      clearInterval(progress)
    }
  }
