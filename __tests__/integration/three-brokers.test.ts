/** Three brokers, each with every partition: one of them may go, and nobody notices. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import '../../functions/shared/kafkajs-timers.ts'
import { invokeScheduled } from '../../local/schedule/client.ts'
import { topics } from '../../platform.ts'
import { apiClient } from '../support/api.ts'
import { greyPng } from '../support/corpus/odd-images.ts'
import { type Platform, startPlatform } from '../support/platform.ts'

const timeout = 300_000
const settledWithinMs = 120_000

describe('three brokers', { timeout }, () => {
  let platform: Platform
  let api: ReturnType<typeof apiClient>
  const pidOf = (name: string) => Number(readFileSync(join(platform.home, 'pids', `${name}.pid`), 'utf8'))
  const signal = (name: string, which: NodeJS.Signals) => process.kill(pidOf(name), which)

  async function uploadSome(count: number): Promise<string[]> {
    const ids: string[] = []
    const image = await greyPng()
    for (let n = 0; n < count; n += 1) {
      const answer = await api.upload(image, 'image/png')
      expect(answer.status).toBe(202)
      ids.push(answer.json.id)
    }
    return ids
  }

  /** What Kafka did not take at once is published now, instead of within a minute. */
  const sweep = () =>
    invokeScheduled(platform.config, 'republish', new Date(Date.now() + 120_000).toISOString().replace(/\.\d+/, ''))

  async function expectProcessed(ids: readonly string[]): Promise<void> {
    // Brokers that were away take events again when they are in sync, which may be after the first sweep.
    const statuses = async () => {
      await sweep()
      return Promise.all(ids.map(async (id) => (await api.image(id)).json.status))
    }
    await expect.poll(statuses, { timeout: settledWithinMs, interval: 2_000 }).toEqual(ids.map(() => 'processed'))
  }

  beforeAll(async () => {
    platform = await startPlatform({ DARKROOM_BROKERS: '3' })
    api = apiClient(platform.url, await platform.token('uploaders'))
  }, timeout)
  afterAll(() => platform?.stop(), timeout)

  it('keep every partition three times, and take nothing that fewer than two of them have', async () => {
    const kafka = new Kafka({
      clientId: 'test',
      brokers: platform.config.urls.kafka.split(','),
      logLevel: logLevel.NOTHING,
    })
    const admin = kafka.admin()
    await admin.connect()
    const { topics: found } = await admin.fetchTopicMetadata({ topics: Object.values(topics).map(({ name }) => name) })
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topics.images.name, configNames: ['min.insync.replicas'] }],
    })
    await admin.disconnect()
    for (const partition of found.flatMap(({ partitions }) => partitions)) expect(partition.replicas).toHaveLength(3)
    expect(resources[0]?.configEntries[0]?.configValue).toBe('2')
  })

  it.each(['kafka', 'kafka-2', 'kafka-3'])('lose %s, and every upload is acknowledged and processed', async (name) => {
    const before = await uploadSome(1)
    signal(name, 'SIGKILL')
    const meanwhile = await uploadSome(4)
    await expectProcessed([...before, ...meanwhile])
  })

  it('lose two, and what is acknowledged meanwhile waits for them, and is processed', async () => {
    const lost = ['kafka-2', 'kafka-3']
    for (const name of lost) signal(name, 'SIGSTOP')
    const ids = await uploadSome(1)
    expect((await api.image(ids[0] ?? '')).json.status).toBe('received')
    for (const name of lost) signal(name, 'SIGCONT')
    await expectProcessed(ids)
  })
})
