/** Apache Kafka: one process, or three, each broker and controller (KRaft). Stands in for Amazon MSK. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import '../../functions/shared/kafkajs-timers.ts'
import type { LocalConfig } from '../../config.ts'
import { ServiceStartError, StartError } from '../supervisor/errors.ts'
import type { Service } from '../supervisor/service.ts'
import { tied } from '../supervisor/tied.ts'
import { type KafkaNode, loggingProperties, serverProperties } from './kafka-properties.ts'

/** A short-lived broker on two cores gains more from a quick start than from the second compiler and a parallel GC. */
const javaOptions = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
]

/** The nodes of the cluster: the first is there always. */
export function kafkaNodes({ brokers, ports }: Pick<LocalConfig, 'brokers' | 'ports'>): [KafkaNode, ...KafkaNode[]] {
  const first = { id: 1, port: ports.kafka, controllerPort: ports.kafkaController }
  if (brokers === 1) return [first]
  return [
    first,
    { id: 2, port: ports.kafka2, controllerPort: ports.kafkaController2 },
    { id: 3, port: ports.kafka3, controllerPort: ports.kafkaController3 },
  ]
}

const portNames = [
  ['kafka', 'kafkaController'],
  ['kafka2', 'kafkaController2'],
  ['kafka3', 'kafkaController3'],
] as const

const folderOf = (home: string, id: number) => join(home, 'data', id === 1 ? 'kafka' : `kafka-${id}`)

/** The folders of all nodes that a home may have, also where it now runs one. */
const allFolders = (home: string) => portNames.map((_, n) => folderOf(home, n + 1))

/**
 * A cluster's partitions and votes are made for its number of nodes, and do not move to another by themselves.
 * @throws StartError where the home's data was made by another number of brokers
 */
export function checkBrokers({ home, brokers }: Pick<LocalConfig, 'home' | 'brokers'>): void {
  const three = existsSync(clusterFile(home))
  const one = !three && existsSync(join(folderOf(home, 1), 'log'))
  if (brokers === 1 ? !three : !one) return
  throw new StartError(
    `The topics in ${home} are those of ${three ? 'three brokers' : 'one broker'}, and do not move to ${brokers} by themselves. ` +
      `Start with --brokers ${three ? 3 : 1}, empty the stored data with --reset, or set DARKROOM_HOME to another folder.`,
  )
}

/** Holds the id that the nodes of three share; a lone broker has its own in its storage only. */
const clusterFile = (home: string) => join(home, 'data', 'kafka', 'cluster-id')

/** @param node which one of the cluster's */
export function kafkaService(
  config: LocalConfig,
  tool: { readonly classpath: string },
  node: KafkaNode = kafkaNodes(config)[0],
): Service {
  const nodes = kafkaNodes(config)
  const folder = folderOf(config.home, node.id)
  const files = { server: join(folder, 'server.properties'), logging: join(folder, 'log4j2.properties') }
  const java = [...javaOptions, `-Dlog4j2.configurationFile=${files.logging}`, '-cp', tool.classpath]
  const storage = join(folder, 'log')

  return {
    name: node.id === 1 ? 'kafka' : `kafka-${node.id}`,
    ports: portNames[node.id - 1] ?? [],
    dataFolders: node.id === 1 ? allFolders(config.home) : [],
    channel: false,
    startLimitMs: 120_000,
    // A clean shutdown takes well under a second; a broker that hangs in it recovers its log at the next start.
    stopLimitMs: 8_000,
    async prepare() {
      await mkdir(folder, { recursive: true })
      await writeFile(files.logging, loggingProperties)
      await writeFile(files.server, serverProperties(node, nodes, storage))
      if (!existsSync(storage)) await format({ folder, storage, java, node, nodes, home: config.home })
      return { file: 'java', args: [...java, 'kafka.Kafka', files.server], cwd: folder }
    },
    probe: () => describeCluster(`127.0.0.1:${node.port}`),
    alive: () => answers(`127.0.0.1:${node.port}`),
  }
}

type Formatting = {
  readonly folder: string
  readonly storage: string
  readonly java: readonly string[]
  readonly node: KafkaNode
  readonly nodes: readonly KafkaNode[]
  readonly home: string
}

/**
 * Gives the storage its cluster id, once. It is made beside its place and moved there, so that an interrupted
 * attempt leaves nothing that looks formatted.
 */
async function format({ folder, storage, java, node, nodes, home }: Formatting): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('draft-')) await rm(join(folder, name), { recursive: true, force: true })
  }
  // A folder of this attempt's own: the tool of an attempt that was killed a moment ago may still be writing.
  const draft = await mkdtemp(join(folder, 'draft-'))
  const properties = join(draft, 'format.properties')
  await writeFile(properties, serverProperties(node, nodes, join(draft, 'log')))
  const id = nodes.length === 1 ? clusterId() : await sharedClusterId(home)
  const tool = ['kafka.tools.StorageTool', 'format', '--config', properties, '--cluster-id', id]
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

/** The nodes come up side by side: whichever is first decides. */
async function sharedClusterId(home: string): Promise<string> {
  const file = clusterFile(home)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, clusterId(), { flag: 'wx' }).catch(() => {})
  return readFile(file, 'utf8')
}

/** 16 random bytes in URL-safe base64, as `kafka-storage random-uuid` prints them. */
const clusterId = () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').replace(/^-/, 'A')

const probeOf = (broker: string, timeoutMs: number) => {
  const retry = { retries: 0 }
  const client = { clientId: 'darkroom-probe', connectionTimeout: timeoutMs, requestTimeout: 2 * timeoutMs, retry }
  return new Kafka({ ...client, brokers: [broker], logLevel: logLevel.NOTHING }).admin({ retry })
}

/** Throws where the broker does not tell which requests it takes; without a controller it still does. */
async function answers(broker: string): Promise<void> {
  const admin = probeOf(broker, 5_000)
  try {
    await admin.connect()
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** Throws until the controller is active and the broker has registered: only then can topics be made. */
async function describeCluster(broker: string): Promise<void> {
  const admin = probeOf(broker, 1_000)
  try {
    await admin.connect()
    const { brokers, controller } = await admin.describeCluster()
    if (brokers.length === 0 || controller === null) throw new Error('The broker has not registered yet')
  } finally {
    await admin.disconnect()
  }
}
