/** Reads everything that the platform keeps, past its own interfaces: what is there, whatever anybody says. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { LocalConfig } from '../config.ts'
import type { IdempotencyRow, ImageRow } from '../functions/shared/image.ts'
import { addressOfKey } from '../functions/shared/keys.ts'
import { createLake, type Lake } from '../functions/shared/lake.ts'
import { createDynamodbClient } from '../local/services/dynamodb.ts'
import { createS3Client } from '../local/services/s3.ts'
import { buckets, layout, resourceName, tables, topics } from '../platform.ts'
import { readTopic, type StreamRecord } from './topic.ts'

/** A full machine takes its time; a run that breaks off here has proven nothing. */
const readWithinMs = 5 * 60_000

export type StoredVersion = { readonly key: string; readonly versionId: string | undefined; readonly marker: boolean }

export type Observation = {
  readonly rows: ReadonlyMap<string, ImageRow>
  readonly keys: readonly IdempotencyRow[]
  /** Versions and markers in the lake, by the image that they belong to. */
  readonly objects: ReadonlyMap<string, readonly StoredVersion[]>
  /** Uploads in parts that S3 holds, and which are neither completed nor aborted; the id is the image's. */
  readonly unfinished: readonly { readonly id: string; readonly uploadId: string }[]
  /** Keys that belong to no image and to no record of a run. */
  readonly strange: readonly string[]
  /** Files in S3's folders that are no object: what an interrupted write left. Relative to the home. */
  readonly temporary: readonly string[]
  readonly events: readonly StreamRecord[]
  readonly quarantined: readonly StreamRecord[]
  /** Ids named in batches that the trigger gave up on. */
  readonly givenUp: ReadonlySet<string>
  /** How often the processor said that it had settled an image. */
  readonly settlements: ReadonlyMap<string, number>
}

export type Observer = {
  readonly lake: Lake
  readonly documents: DynamoDBDocumentClient
  readonly ledgerTable: string
  rows(): Promise<{ rows: Map<string, ImageRow>; keys: IdempotencyRow[] }>
  observe(): Promise<Observation>
}

export function createObserver(config: LocalConfig): Observer {
  const named = (name: string) => resourceName(config.environment, name)
  const s3 = createS3Client(config)
  const lake = createLake(s3, named(buckets.lake.name))
  const failures = createLake(s3, named(buckets.failures.name))
  const documents = DynamoDBDocumentClient.from(createDynamodbClient(config))
  const ledgerTable = named(tables.ledger.name)

  async function rows() {
    const images = new Map<string, ImageRow>()
    const keys: IdempotencyRow[] = []
    let from: Record<string, unknown> | undefined
    do {
      const page = await documents.send(
        new ScanCommand({ TableName: ledgerTable, ConsistentRead: true, ExclusiveStartKey: from }),
      )
      for (const item of (page.Items ?? []) as (ImageRow | IdempotencyRow)[]) {
        if (item.kind === 'idempotency') keys.push(item)
        else images.set(item.id, item)
      }
      from = page.LastEvaluatedKey
    } while (from)
    return { rows: images, keys }
  }

  async function versions() {
    const objects = new Map<string, StoredVersion[]>()
    const strange: string[] = []
    let after: string | undefined
    for (let more = true; more; ) {
      const page = await lake.versionsPage('', after)
      for (const { key, versionId, marker } of page.entries) {
        const address = addressOfKey(key)
        if (address) objects.set(address.id, [...(objects.get(address.id) ?? []), { key, versionId, marker }])
        else if (!key.startsWith(layout.runs) && !key.startsWith(layout.receipts)) strange.push(key)
      }
      more = page.more
      after = `${page.entries.at(-1)?.key} `
    }
    return { objects, strange }
  }

  async function unfinishedUploads() {
    const found: { id: string; uploadId: string }[] = []
    let after: string | undefined
    for (let more = true; more; ) {
      const page = await lake.uploadsPage('', after)
      found.push(...page.entries.map(({ key, uploadId }) => ({ id: addressOfKey(key)?.id ?? key, uploadId })))
      more = page.more
      after = page.entries.at(-1)?.key
    }
    return found
  }

  async function idsGivenUp(): Promise<Set<string>> {
    const ids = new Set<string>()
    for await (const page of failures.list('')) {
      for (const { key } of page) {
        const text = Buffer.from((await failures.get(key)) ?? []).toString()
        for (const [, encoded = ''] of text.matchAll(/\\?"key\\?":\\?"([A-Za-z0-9+/=]+)\\?"/g)) {
          ids.add(Buffer.from(encoded, 'base64').toString())
        }
      }
    }
    return ids
  }

  return {
    lake,
    documents,
    ledgerTable,
    rows,
    async observe() {
      const [ledger, stored, unfinished] = [await rows(), await versions(), await unfinishedUploads()]
      const isPart = (file: string) => unfinished.some(({ uploadId }) => file.includes(`/${uploadId}/`))
      return {
        ...ledger,
        ...stored,
        unfinished,
        temporary: (await temporaryFiles(config.home)).filter((file) => !isPart(file)),
        events: await readTopic(config.urls.kafka, topics.images.name, readWithinMs),
        quarantined: await readTopic(config.urls.kafka, topics.quarantine.name, readWithinMs),
        givenUp: await idsGivenUp(),
        settlements: await settlementsIn(join(config.home, 'logs')),
      }
    },
  }
}

/** Where versitygw keeps what is being written. */
const temporaryFolder = '.sgwtmp'

async function temporaryFiles(home: string): Promise<string[]> {
  const root = join(home, 'data', 's3')
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.parentPath.includes(temporaryFolder))
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
}

/** From the processor's own log, put aside parts included. */
async function settlementsIn(folder: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const files = (await readdir(folder)).filter((name) => /^process\.log(\.\d+)?$/.test(name))
  for (const file of files) {
    for (const line of (await readFile(join(folder, file), 'utf8')).split('\n')) {
      const id = /"message":"record processed"/.test(line) && /"imageId":"([^"]+)"/.exec(line)?.[1]
      if (id) counts.set(id, (counts.get(id) ?? 0) + 1)
    }
  }
  return counts
}
