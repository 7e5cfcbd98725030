/** DynamoDB Local, with its data on disk. Stands in for Amazon DynamoDB. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { LocalConfig } from '../../config.ts'
import type { Service } from '../supervisor/service.ts'
import { answersAtAll } from './answers.ts'

/** Java takes a source file in the place of a main class. */
const launcher = join(import.meta.dirname, 'DynamodbOnLoopback.java')

export function dynamodbService(config: LocalConfig, tool: { readonly folder: string }): Service {
  const folder = join(config.home, 'data', 'dynamodb')
  const client = createDynamodbClient(config, 1)
  return {
    name: 'dynamodb',
    ports: ['dynamodb'],
    dataFolders: [folder],
    channel: false,
    startLimitMs: 90_000,
    stopLimitMs: 5_000,
    async prepare() {
      await mkdir(folder, { recursive: true })
      const java = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError']
      const libraries = [`-Djava.library.path=${tool.folder}`, '-cp', join(tool.folder, '*')]
      // sharedDb: one database whatever the client's region and credentials.
      const args = ['-port', String(config.ports.dynamodb), '-dbPath', folder, '-sharedDb', '-disableTelemetry']
      return { file: 'java', args: [...java, ...libraries, launcher, ...args], cwd: folder }
    },
    alive: () => answersAtAll({ url: config.urls.dynamodb }),
    async probe() {
      await client.send(new ListTablesCommand({ Limit: 1 }), { requestTimeout: 2_000 })
    },
  }
}

/** The same for whoever reads and writes rows; as the functions' own clients, it leaves out what is undefined. */
export const createDocuments = (config: Pick<LocalConfig, 'urls' | 'region'>): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(createDynamodbClient(config), { marshallOptions: { removeUndefinedValues: true } })

/** A client of the local database. Its credentials are not checked, but must be letters and digits. */
export function createDynamodbClient(config: Pick<LocalConfig, 'urls' | 'region'>, maxAttempts = 3): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: config.urls.dynamodb,
    region: config.region,
    credentials: { accessKeyId: 'darkroom', secretAccessKey: 'darkroom' },
    maxAttempts,
  })
}
