/** After the faults: everything is made well again, and the platform is given the time to put things right. */
import { setTimeout as pause } from 'node:timers/promises'
import { purgeRun } from '../contract/schemas.ts'
import type { ImageRow } from '../functions/shared/image.ts'
import type { ScheduledName } from '../local/schedule/control.ts'
import { poll } from '../local/supervisor/poll.ts'
import { createTriggersClient } from '../local/triggers/client.ts'
import { republishAfter, resendAfter, retention, topics } from '../platform.ts'
import {
  checkNothingLeft,
  checkOrphans,
  checkPositions,
  checkSkipped,
  checkUnsent,
  isAbandoned,
} from './check/accounts.ts'
import type { Finding } from './check/findings.ts'
import type { Observation, Observer } from './observe.ts'
import type { FaultPlatform } from './platform.ts'
import { produceCopies } from './topic.ts'

const minute = 60_000
/** Seconds on an idle machine, where none of these is ever reached; a full one has taken a hundred times as long. */
const limits = {
  wellAgainMs: 6 * minute,
  /** The trigger pauses up to 30 s between the attempts of a batch. */
  caughtUpMs: 10 * minute,
  invocationMs: 6 * minute,
  purges: 10,
}

/** Calls a scheduled function until it answers: the process may have to be started again first. */
export const invokeUntilDone = (platform: FaultPlatform, name: ScheduledName, now: number): Promise<unknown> =>
  poll(() => platform.invoke(name, now), { limitMs: limits.invocationMs, everyMs: 500 })

/** Waits until every part answers. @throws Error saying what does not */
export async function untilWell({ config }: FaultPlatform): Promise<void> {
  const triggers = createTriggersClient(config.home)
  await poll(
    async () => {
      const response = await fetch(`${config.urls.gateway}/healthz`, { signal: AbortSignal.timeout(5_000) })
      const text = await response.text()
      if (response.status !== 200) throw new Error(`/healthz answers ${response.status}: ${text}`)
      const { state } = await triggers.get('process')
      if (state !== 'Enabled') throw new Error(`the trigger is ${state}`)
    },
    { limitMs: limits.wellAgainMs, everyMs: 500 },
  )
}

/** Waits until the trigger has read and committed everything that is in the topic. */
export async function untilCaughtUp({ config }: FaultPlatform): Promise<void> {
  const triggers = createTriggersClient(config.home)
  let calm = 0
  await poll(
    async () => {
      const { lag, running } = await triggers.get('process')
      const idle = lag?.total === 0 && running.batches + running.invocations + running.waitingRecords === 0
      calm = idle ? calm + 1 : 0
      // Twice in a row: an answer may be older than a record that has just been written.
      if (calm < 2) throw new Error(`the trigger is behind: ${JSON.stringify({ lag: lag?.total, running })}`)
    },
    { limitMs: limits.caughtUpMs, everyMs: 300 },
  )
}

const waiting = (rows: ReadonlyMap<string, ImageRow>) =>
  [...rows.values()].filter(({ status }) => status === 'received' || status === 'published')

/**
 * First what the outbox and the trigger owe, then what is sent again after half an hour, then the interrupted erasures.
 * @param acknowledged ids of which clients were told
 * @returns what was wrong on the way, and what there is at the end
 */
export async function settle(
  platform: FaultPlatform,
  observer: Observer,
  acknowledged: ReadonlySet<string>,
): Promise<{ findings: Finding[]; seen: Observation }> {
  await untilWell(platform)
  await invokeUntilDone(platform, 'republish', Date.now() + 2 * republishAfter)
  await untilCaughtUp(platform)
  const before = await observer.observe()
  const findings = [...checkPositions(before), ...checkSkipped(before), ...checkUnsent(before, acknowledged)]

  for (let round = 0; round < 3 && waiting((await observer.rows()).rows).length > 0; round += 1) {
    await invokeUntilDone(platform, 'republish', Date.now() + resendAfter + minute)
    await untilCaughtUp(platform)
  }
  findings.push(...(await purgeAsOf(platform, Date.now())))
  return { findings, seen: await observer.observe() }
}

/** Runs the purge until it is complete. */
async function purgeAsOf(platform: FaultPlatform, now: number): Promise<Finding[]> {
  let last: unknown
  for (let run = 0; run < limits.purges; run += 1) {
    last = await invokeUntilDone(platform, 'purge', now)
    if (purgeRun.parse(last).complete) return []
    await pause(500)
  }
  return [{ kind: 'purge-incomplete', id: '', detail: `after ${limits.purges} runs: ${JSON.stringify(last)}` }]
}

/** Plays the hours of grace: orphans are searched for, and nothing that lives may go with them. */
export async function playGrace(platform: FaultPlatform, observer: Observer, before: Observation): Promise<Finding[]> {
  const findings = await purgeAsOf(platform, Date.now() + 2 * retention.orphanGrace)
  const after = await observer.observe()
  const lost = [...before.rows.values()]
    .filter((row) => !after.rows.has(row.id) && !isAbandoned(row, before))
    .map(({ id }): Finding => ({ kind: 'vanished', id, detail: 'the search for orphans took it away' }))
  return [...findings, ...lost, ...checkOrphans(after)]
}

/** Plays the eight days, then sends every event once more: nothing may be left, and nothing may come back. */
export async function playPurgeAndReplay(platform: FaultPlatform, observer: Observer): Promise<Finding[]> {
  const findings = await purgeAsOf(platform, Date.now() + retention.images + retention.backstop)
  const purged = await observer.observe()
  findings.push(...checkNothingLeft(purged, 'not-gone'))
  await produceCopies(platform.config.urls.kafka, topics.images.name, purged.events)
  await untilCaughtUp(platform)
  return [...findings, ...checkNothingLeft(await observer.observe(), 'resurrected')]
}
