/**
 * How fast a topic is drained with the number of partitions that hold its events: each partition is one invocation of the
 * processor at a time.
 */
import pMap from 'p-map'
import { imageRow } from '../../__tests__/support/images.ts'
import type { LocalConfig } from '../../config.ts'
import { imageEvent, serializeEvent } from '../../functions/shared/event.ts'
import { createKafka } from '../../functions/shared/kafka.ts'
import { imagePath } from '../../functions/shared/keys.ts'
import { createLake } from '../../functions/shared/lake.ts'
import { createLedger } from '../../functions/shared/ledger.ts'
import { createDocuments } from '../../local/services/dynamodb.ts'
import { createS3Client } from '../../local/services/s3.ts'
import { poll } from '../../local/supervisor/poll.ts'
import { buckets, resourceName, tables, topics } from '../../platform.ts'
import { contest, summary } from '../contest.ts'
import { photograph } from '../images.ts'
import { startPlatform } from '../platform.ts'
import { type Grow, rounds } from './panel.ts'

const images = 36
const partitions = [1, 2, 3, topics.images.partitions]

export const growPartitions: Grow = async (progress) => {
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'triggers'])
  const stream = await fillableStream(platform.config)
  try {
    const { bytes } = await photograph(1e6)
    const points = []
    for (const x of partitions) {
      progress(`${x} partitions`)
      const stored: Waiting[][] = []
      for (let round = 0; round <= rounds; round += 1) stored.push(await stream.store(bytes))
      const [result] = await contest({ drain: () => stream.drain(stored.pop() ?? [], x) }, rounds)
      points.push({ x, value: summary(result?.rounds.map(({ wall }) => (images * 1000) / wall) ?? []) })
    }
    return [{ of: 'partitions that hold events', what: 'images of 1 megapixel processed a second', points }]
  } finally {
    await stream.close()
    await platform.stop()
  }
}

type Waiting = ReturnType<typeof imageRow>

/** The platform's own stores and stream, past its interfaces: only so can an event go to a partition of our choice. */
async function fillableStream(config: LocalConfig) {
  const s3 = createS3Client(config)
  const documents = createDocuments(config)
  const ledger = createLedger(documents, resourceName(config.environment, tables.ledger.name))
  const lake = createLake(s3, resourceName(config.environment, buckets.lake.name))
  const producer = createKafka({ brokers: config.urls.kafka, auth: 'none', clientId: 'bench' }).producer()
  await producer.connect()

  const store = (bytes: Buffer): Promise<Waiting[]> =>
    pMap(
      Array.from({ length: images }),
      async () => {
        const row = imageRow({ bytes: bytes.length })
        const stored = await lake.putNew(row.key, bytes, row.contentType)
        const whole = { ...row, ...('versionId' in stored && { versionId: stored.versionId }) }
        await ledger.insert(whole)
        return whole
      },
      { concurrency: 8 },
    )

  async function drain(rows: readonly Waiting[], spread: number): Promise<void> {
    const messages = rows.map(({ id, key, receivedAt }, n) => ({
      key: id,
      value: serializeEvent(imageEvent(receivedAt, imagePath(key))),
      partition: n % spread,
    }))
    await producer.send({ topic: topics.images.name, messages, acks: -1 })
    const ids = rows.map(({ id }) => id)
    const allProcessed = async () => {
      const standing = await ledger.rows(ids)
      const waiting = ids.filter((id) => standing.get(id)?.status !== 'processed')
      if (waiting.length > 0) throw new Error(`${waiting.length} images are not processed`)
    }
    await poll(allProcessed, { limitMs: 180_000, everyMs: 50 })
  }

  async function close(): Promise<void> {
    await producer.disconnect()
    s3.destroy()
    documents.destroy()
  }

  return { store, drain, close }
}
