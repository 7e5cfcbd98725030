/**
 * How long until an upload is acknowledged, beside the least that must happen before: the bytes in S3, the row in the
 * ledger and the event acknowledged by Kafka, done by this process without a gateway, a function or a check.
 */
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import pMap from 'p-map'
import type { Photo } from '../../__tests__/support/corpus.ts'
import { imageRow } from '../../__tests__/support/images.ts'
import type { LocalConfig } from '../../config.ts'
import { imageEvent, serializeEvent } from '../../functions/shared/event.ts'
import { createKafka, createPublisher } from '../../functions/shared/kafka.ts'
import { imagePath, newImageId } from '../../functions/shared/keys.ts'
import { createDocuments } from '../../local/services/dynamodb.ts'
import { resourceName, tables, topics } from '../../platform.ts'
import { bareBucket, uploader } from '../clients.ts'
import { contest, named, ratio, summary } from '../contest.ts'
import type { Figure, Measure } from '../measurement.ts'
import { startPlatform } from '../platform.ts'
import { benchImages } from './processing.ts'

const names = { single: 'POST /images', batch: 'a batch', bare: 'bare PUT, row and acknowledged produce' } as const

export const measureAcceptance: Measure = async ({ images: count, rounds, progress }) => {
  const images = await benchImages(count)
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway'])
  const bare = bareParts(platform.config)
  try {
    const links = await bare.presigned((rounds + 1) * images.length)
    const { single, batch } = uploader(platform.config.urls.gateway, platform.token)
    const oneByOne = (work: (image: Photo) => Promise<unknown>) => () => pMap(images, work, { concurrency: 1 })
    const results = await contest(
      {
        [names.single]: oneByOne(single),
        [names.batch]: () => batch(images),
        [names.bare]: oneByOne((image) => bare.take(links.pop() ?? '', image)),
      },
      rounds,
      (round) => progress(`round ${round}`),
    )
    const least = named(results, names.bare)
    return [
      ...results.map(({ name, rounds: measured }): Figure => {
        const value = summary(measured.map(({ wall }) => wall / images.length))
        return { what: `an image by ${name}, one after the other`, value, unit: 'ms' }
      }),
      ...[names.single, names.batch].map((name): Figure => {
        const value = ratio(least, named(results, name), 'wall')
        return { what: `${name} against ${names.bare}`, value, unit: '× as long', goal: { atMost: 1.3 } }
      }),
    ]
  } finally {
    await bare.close()
    await platform.stop()
  }
}

function bareParts(config: LocalConfig) {
  const { presigned, put } = bareBucket(config)
  const ledger = createDocuments(config)
  const TableName = resourceName(config.environment, tables.ledger.name)
  const publisher = createPublisher(createKafka({ brokers: config.urls.kafka, auth: 'none', clientId: 'bench' }))

  async function take(link: string, image: Photo): Promise<void> {
    await put(link, image)
    const row = imageRow({ id: newImageId(), status: 'received' })
    await ledger.send(new PutCommand({ TableName, Item: row, ConditionExpression: 'attribute_not_exists(id)' }))
    const value = serializeEvent(imageEvent(row.receivedAt, imagePath(row.key)))
    await publisher.publish(topics.images.name, [{ key: row.id, value }])
  }

  return { presigned, take, close: () => publisher.disconnect() }
}
