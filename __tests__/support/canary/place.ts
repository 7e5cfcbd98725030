/** A platform whose processes find everything that is not the project's in one folder: homes and temporary files. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { expect } from 'vitest'
import '../../../functions/shared/kafkajs-timers.ts'
import { localConfig } from '../../../config.ts'
import { poll } from '../../../local/supervisor/poll.ts'
import { topics } from '../../../platform.ts'
import { runCommand } from '../command.ts'
import { type Platform, startPlatform } from '../platform.ts'
import { type Hit, type Needle, searchFolder } from '../search.ts'

const minute = 60_000

export type Place = {
  readonly platform: Platform
  /** Runs a command of the project against it. */
  readonly command: (script: string, ...args: string[]) => Promise<{ code: number; output: string }>
  /** Searches a folder of the platform's home; for '.', all of it, and whatever was left outside of it. */
  readonly search: (folder: string, needles: readonly Needle[]) => Promise<Hit[]>
  readonly stop: () => Promise<void>
}

export async function startPlace(): Promise<Place> {
  const outside = await mkdtemp(join(tmpdir(), 'darkroom-canary-'))
  const [temporary, person] = [join(outside, 'tmp'), join(outside, 'person')]
  for (const folder of [temporary, person]) await mkdir(folder)
  const variables = {
    TMPDIR: temporary,
    HOME: person,
    // Java looks at neither of them.
    JAVA_TOOL_OPTIONS: `-Djava.io.tmpdir=${temporary} -Duser.home=${person}`,
    // The tools lie in the cache of whoever runs the tests, and hold nothing of ours.
    DARKROOM_CACHE: localConfig().cache,
  }
  const platform = await startPlatform(variables)

  const command = (script: string, ...args: string[]) => runCommand(platform, script, ...args)
  async function search(folder: string, needles: readonly Needle[]) {
    const hits = await searchFolder(join(platform.home, folder), needles)
    if (folder !== '.') return hits
    const elsewhere = await searchFolder(outside, needles)
    return [...hits, ...elsewhere.map((hit) => ({ ...hit, place: `outside/${hit.place}` }))]
  }
  async function stop() {
    await platform.stop()
    await rm(outside, { recursive: true, force: true })
  }
  return { platform, command, search, stop }
}

/** Twice, as the schedule would: what a run finds to be an orphan, or not to be held any more, may be the next one's. */
export async function purgeInEightDays({ command }: Place): Promise<void> {
  for (let run = 0; run < 2; run++) {
    const { code, output } = await command('scripts/purge.ts', '--now', '+8d')
    expect({ code, output }).toMatchObject({ code: 0 })
  }
}

/**
 * Kafka deletes by its own clock, and eight days are long: the topics' retention is brought down to a second, by which
 * the broker rolls and deletes the very segments that it would delete on the third and sixth day.
 */
export async function letEventsExpire({ platform }: Place): Promise<void> {
  const kafka = new Kafka({ clientId: 'canary', brokers: [platform.config.urls.kafka], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    for (const { name, settings } of Object.values(topics)) {
      const shorter = { ...settings, 'min.insync.replicas': '1', 'retention.ms': '1000', 'file.delete.delay.ms': '100' }
      const configEntries = Object.entries(shorter).map(([key, value]) => ({ name: key, value }))
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }],
      })
    }
    await poll(
      async () => {
        for (const { name } of Object.values(topics)) {
          for (const { low, high } of await admin.fetchTopicOffsets(name)) expect(low).toBe(high)
        }
      },
      { limitMs: 2 * minute, everyMs: 500 },
    )
  } finally {
    await admin.disconnect()
  }
}
