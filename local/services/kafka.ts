/** Apache Kafka as one process that is broker and controller (KRaft). Stands in for Amazon MSK. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import '../../functions/shared/kafkajs-timers.ts'
import type { LocalConfig } from '../../config.ts'
import { ServiceStartError } from '../supervisor/errors.ts'
import type { Service } from '../supervisor/service.ts'
import { tied } from '../supervisor/tied.ts'
import { loggingProperties, serverProperties } from './kafka-properties.ts'

/** A short-lived broker on two cores gains more from a quick start than from the second compiler and a parallel GC. */
const javaOptions = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
]

export function kafkaService(config: LocalConfig, tool: { readonly classpath: string }): Service {
  const folder = join(config.home, 'data', 'kafka')
  const files = { server: join(folder, 'server.properties'), logging: join(folder, 'log4j2.properties') }
  const java = [...javaOptions, `-Dlog4j2.configurationFile=${files.logging}`, '-cp', tool.classpath]
  const storage = join(folder, 'log')

  return {
    name: 'kafka',
    ports: ['kafka', 'kafkaController'],
    dataFolders: [folder],
    channel: false,
    startLimitMs: 120_000,
    // A clean shutdown takes well under a second; a broker that hangs in it recovers its log at the next start.
    stopLimitMs: 8_000,
    async prepare() {
      await mkdir(folder, { recursive: true })
      await writeFile(files.logging, loggingProperties)
      await writeFile(files.server, serverProperties(config.ports, storage))
      if (!existsSync(storage)) await format(folder, storage, java, config)
      return { file: 'java', args: [...java, 'kafka.Kafka', files.server], cwd: folder }
    },
    probe: () => describeCluster(config.urls.kafka),
  }
}

/**
 * Gives the storage its cluster id, once. It is made beside its place and moved there, so that an interrupted
 * attempt leaves nothing that looks formatted.
 */
async function format(folder: string, storage: string, java: readonly string[], config: LocalConfig): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('draft-')) await rm(join(folder, name), { recursive: true, force: true })
  }
  // A folder of this attempt's own: the tool of an attempt that was killed a moment ago may still be writing.
  const draft = await mkdtemp(join(folder, 'draft-'))
  const properties = join(draft, 'format.properties')
  await writeFile(properties, serverProperties(config.ports, join(draft, 'log')))
  const tool = ['kafka.tools.StorageTool', 'format', '--config', properties, '--cluster-id', clusterId()]
  const command = tied('java', [...java, ...tool])
  try {
    await promisify(execFile)(command.file, command.args, { cwd: folder, timeout: 60_000 })
  } catch (cause) {
    const { stderr } = cause as { stderr?: string }
    const reason = stderr?.trim().split('\n').slice(0, 4).join('\n') || (cause as Error).message
    throw new ServiceStartError(`could not format its storage: ${reason}`, { cause })
  }
  await rename(join(draft, 'log'), storage)
  await rm(draft, { recursive: true })
}

/** 16 random bytes in URL-safe base64, as `kafka-storage random-uuid` prints them. */
const clusterId = () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').replace(/^-/, 'A')

/** Throws until the controller is active and the broker has registered: only then can topics be made. */
async function describeCluster(broker: string): Promise<void> {
  const retry = { retries: 0 }
  const client = { clientId: 'darkroom-probe', connectionTimeout: 1_000, requestTimeout: 2_000, retry }
  const admin = new Kafka({ ...client, brokers: [broker], logLevel: logLevel.NOTHING }).admin({ retry })
  try {
    await admin.connect()
    const { brokers, controller } = await admin.describeCluster()
    if (brokers.length === 0 || controller === null) throw new Error('The broker has not registered yet')
  } finally {
    await admin.disconnect()
  }
}
