/** versitygw over a plain folder. Stands in for Amazon S3: checks signatures, keeps versions, answers CORS. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import type { LocalConfig } from '../../config.ts'
import { KiB } from '../../platform/units.ts'
import type { Service } from '../supervisor/service.ts'
import { answersAtAll } from './answers.ts'
import { putBackInterruptedUploads } from './s3-interrupted.ts'

/** Where objects lie as files, `<bucket>/<key>`; older versions are kept apart. */
export const s3Folders = (home: string) => ({
  objects: join(home, 'data', 's3', 'objects'),
  versions: join(home, 'data', 's3', 'versions'),
})

/** versitygw allocates as much anew for each read of a range; its 1 MiB would be most of the cost of a look at 4 KiB. */
const ioBufferBytes = 64 * KiB

export function s3Service(config: LocalConfig, tool: { readonly binary: string }): Service {
  const { objects, versions } = s3Folders(config.home)
  const client = createS3Client(config, 1)
  return {
    name: 's3',
    ports: ['s3'],
    dataFolders: [join(config.home, 'data', 's3')],
    channel: false,
    startLimitMs: 60_000,
    stopLimitMs: 5_000,
    async prepare() {
      await mkdir(objects, { recursive: true })
      await mkdir(versions, { recursive: true })
      await putBackInterruptedUploads(objects)
      const listen = ['--port', `127.0.0.1:${config.ports.s3}`, '--region', config.region]
      // Request lines on standard output name every key; errors are logged all the same.
      const storage = ['--versioning-dir', versions, '--io-buffer-size', String(ioBufferBytes), objects]
      const args = [...listen, '--quiet', '--keep-alive', 'posix', ...storage]
      // The environment, not the arguments: those are readable by every user of the machine.
      const { accessKeyId, secretAccessKey } = config.s3Credentials
      return { file: tool.binary, args, env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey } }
    },
    alive: () => answersAtAll({ url: config.urls.s3 }),
    async probe() {
      await client.send(new ListBucketsCommand({}), { requestTimeout: 2_000 })
    },
  }
}

/** A client of the local S3 gateway, signed in as its root user. @param maxAttempts the SDK's own number by default */
export function createS3Client(
  config: Pick<LocalConfig, 'urls' | 'region' | 's3Credentials'>,
  maxAttempts = 3,
): S3Client {
  return new S3Client({
    endpoint: config.urls.s3,
    region: config.region,
    credentials: config.s3Credentials,
    forcePathStyle: true,
    maxAttempts,
  })
}
