/** What an image costs, counted: requests to S3, and the capacity that DynamoDB says each of its answers has used. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, calls } from '../../bench/cost/calls.ts'
import { deliver } from '../../functions/process/delivery.ts'
import { imageLimits } from '../../functions/process/limits.ts'
import { prepareRecipe } from '../../functions/process/prepare.ts'
import { processImage } from '../../functions/process/process-image.ts'
import { recipes } from '../../functions/process/recipes.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import type { Publisher } from '../../functions/shared/kafka.ts'
import { publishEvents } from '../../functions/shared/publish.ts'
import { acceptImage } from '../../functions/upload/accept.ts'
import { completeBatch, startBatch } from '../../functions/upload/batch.ts'
import { checkDigest } from '../../functions/upload/check.ts'
import { recordOf } from '../functions/process/fakes.ts'
import * as odd from '../support/corpus/odd-images.ts'
import { inEightDays, purge } from '../support/purge.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
let counted: { puts: number; gets: number; writeUnits: number; readUnits: number; transacted: number }

const count = (message: unknown) => {
  const { request } = message as { request: ClientRequest }
  // DynamoDB answers in units, which are added below.
  if (request.getHeader('x-amz-target')) return
  if (request.method === 'PUT' || (request.method === 'POST' && !request.path.includes('delete'))) counted.puts += 1
  else if (request.path.includes('list-type') || /[?&](versions|uploads)/.test(request.path)) counted.puts += 1
  else if (request.method === 'GET' || request.method === 'HEAD') counted.gets += 1
}

type Consumed = { CapacityUnits?: number }

beforeAll(async () => {
  stores = await createStores()
  stores.documents.middlewareStack.add(
    (next, context) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' })
      const answer = await next(args)
      const { TransactItems } = args.input as { TransactItems?: unknown[] }
      if (TransactItems) {
        // DynamoDB Local counts no index for them, and half of what AWS does.
        counted.transacted += TransactItems.length
        return answer
      }
      const { ConsumedCapacity: used = [] } = answer.output as { ConsumedCapacity?: Consumed | Consumed[] }
      const units = [used].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
      const reads = /^(Get|Query|Scan|BatchGet)/.test(String(context.commandName))
      counted[reads ? 'readUnits' : 'writeUnits'] += units
      return answer
    },
    { step: 'initialize', name: 'countUnits' },
  )
  countLeanWrites(stores.documents.config.requestHandler)
  subscribe('http.client.request.start', count)
})
afterAll(async () => {
  unsubscribe('http.client.request.start', count)
  await stores.close()
})

/** Rows that are written without a command of the SDK's: no middleware sees them, so the request itself asks for its units. */
function countLeanWrites(handler: Stores['documents']['config']['requestHandler']): void {
  const handle = handler.handle.bind(handler)
  handler.handle = async (request, options) => {
    if (!request.headers['x-amz-target']?.endsWith('.PutItem')) return handle(request, options)
    const given = JSON.parse(Buffer.from(request.body).toString()) as Record<string, unknown>
    if (given.ReturnConsumedCapacity) return handle(request, options)
    request.body = JSON.stringify({ ...given, ReturnConsumedCapacity: 'TOTAL' })
    request.headers['content-length'] = String(Buffer.byteLength(request.body))
    const answer = await handle(request, options)
    const body = await text(answer.response.body)
    counted.writeUnits += (JSON.parse(body) as { ConsumedCapacity?: Consumed }).ConsumedCapacity?.CapacityUnits ?? 0
    answer.response.body = Readable.from([body])
    return answer
  }
}

/** Per image, to a tenth: units are rounded up by the size of each row. */
async function countingOf(images: number, work: () => Promise<unknown>): Promise<Calls> {
  counted = { puts: 0, gets: 0, writeUnits: 0, readUnits: 0, transacted: 0 }
  await work()
  const { puts, gets, writeUnits, readUnits, transacted } = counted
  const each = (sum: number) => Math.round((10 * sum) / images) / 10
  return {
    puts: each(puts),
    gets: each(gets),
    writeUnits: each(writeUnits),
    readUnits: each(readUnits),
    transacted: each(transacted),
  }
}

const publisher: Publisher = {
  publish: async (topic, records) => records.map((_, n) => ({ topic, partition: 0, offset: String(n) })),
  disconnect: async () => {},
}
const logger = { info() {}, warn() {}, error() {} }
const ownerId = 'somebody'

function uploadParts() {
  return {
    ...stores,
    clock: Date.now,
    logger,
    publish: (rows: readonly ImageRow[], trace: string) => publishEvents({ publisher, topic: 'images' }, rows, trace),
    // The quota is asked once in a while, not for each image.
    admit: async () => {},
    presignPut: async () => ({ url: '', headers: {} }),
  }
}

describe('the cost of an image', () => {
  const many = 20
  it('is counted from its upload to its purge', async () => {
    const body = await odd.telltale('jpeg')
    const image = { ownerId, body, contentType: 'image/jpeg' as const, name: 'photo.jpg', idempotencyKey: undefined }
    const checked = { ...image, sha256: checkDigest(body, undefined) }
    const single = await countingOf(1, () => acceptImage(uploadParts(), checked, 'trace'))

    const announced = Array.from({ length: many }, (_, n) => ({
      content_type: 'image/jpeg' as const,
      bytes: body.byteLength,
      name: `photo ${n}.jpg`,
    }))
    let ids: string[] = []
    const batch = await countingOf(many, async () => {
      const { uploads } = await startBatch(uploadParts(), ownerId, { images: announced })
      ids = uploads.map(({ id }) => id)
      const rows = await stores.ledger.rows(ids)
      for (const { key, contentType } of rows.values()) await stores.lake.put(key, body, contentType)
      counted.readUnits = 0
      await completeBatch(uploadParts(), ownerId, ids, 'trace')
    })

    const recipe = await prepareRecipe(recipes.standard)
    const parts = {
      ...stores,
      publisher,
      quarantineTopic: 'images.quarantine',
      processImage: (bytes: Uint8Array, declared: 'image/jpeg') =>
        processImage(bytes, declared, { recipe, limits: imageLimits }),
      clock: Date.now,
      logger,
    }
    const waiting = [...(await stores.ledger.rows(ids)).values()]
    const processing = await countingOf(many, async () => {
      for (const row of waiting) await deliver(recordOf(row), parts as never)
    })

    const purging = await countingOf(many + 1, () => purge(stores, inEightDays()))
    const { 'its purge, one of 20': expected, ...exact } = calls
    expect({
      'an image by POST /images': single,
      'an image in a batch of 20': batch,
      'its processing': processing,
    }).toEqual(exact)
    for (const [what, number] of Object.entries(purging)) {
      const wanted = expected[what as keyof Calls]
      expect(Math.abs(number - wanted), `${what}: ${number} instead of ${wanted}`).toBeLessThanOrEqual(0.5 + wanted / 5)
    }
  })
})
