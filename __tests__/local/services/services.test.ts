/** What the services are started with; that they work so is tested against the running ones. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localConfig, portVariables } from '../../../config.ts'
import { platformParts } from '../../../local/services/index.ts'
import { checkBrokers, kafkaNodes } from '../../../local/services/kafka.ts'
import { serverProperties } from '../../../local/services/kafka-properties.ts'
import { serviceNames } from '../../../local/supervisor/service.ts'
import { temporaryHome } from '../supervisor/fake-service.ts'

const tools = {
  kafka: { classpath: '/tools/kafka/*' },
  dynamodb: { folder: '/tools/dynamodb' },
  s3: { binary: '/tools/versitygw' },
}
const partsIn = (home: string, variables: Record<string, string> = {}) =>
  platformParts(localConfig({ DARKROOM_HOME: home, ...variables }), tools)

test('every part is there, once, under its own name', () => {
  const parts = partsIn('/h')
  expect(parts.map(({ name }) => name)).toEqual([...serviceNames])
  for (const { name, service } of parts) expect(service.name).toBe(name)
})

test('every port of the configuration is one part’s', () => {
  const ports = partsIn('/h', { DARKROOM_BROKERS: '3' }).flatMap(({ service }) => service.ports)
  expect([...ports].sort()).toEqual(Object.keys(portVariables).sort())
})

test('what faces people comes up after what it stands on', () => {
  const groupOf = new Map(partsIn('/h').map(({ name, group }) => [name, group]))
  for (const later of ['gateway', 'triggers', 'schedule'] as const) {
    for (const earlier of ['kafka', 's3', 'dynamodb', 'identity'] as const) {
      expect(groupOf.get(later)).toBeGreaterThan(groupOf.get(earlier) ?? Number.NaN)
    }
  }
})

test('all data lies below the home, so that a reset finds it', async () => {
  const home = await temporaryHome()
  const folders = partsIn(home).flatMap(({ service }) => service.dataFolders)
  expect(folders.sort()).toEqual(
    ['dynamodb', 'kafka', 'kafka-2', 'kafka-3', 's3', 'triggers'].map((name) => join(home, 'data', name)),
  )
})

test('the S3 gateway’s secret is in its environment, and nothing else is', async () => {
  const home = await temporaryHome()
  const command = await partsIn(home)
    .find(({ name }) => name === 's3')
    ?.service.prepare()
  const { s3Credentials } = localConfig({})
  expect(command?.args.join(' ')).not.toContain(s3Credentials.secretAccessKey)
  expect(command?.env).toEqual({
    ROOT_ACCESS_KEY: s3Credentials.accessKeyId,
    ROOT_SECRET_KEY: s3Credentials.secretAccessKey,
  })
})

test('a Node process of the platform exists where it is started from', async () => {
  for (const name of ['identity', 'gateway', 'triggers', 'schedule'] as const) {
    const command = await partsIn('/h')
      .find((part) => part.name === name)
      ?.service.prepare()
    await expect(readFile(command?.args.find((arg) => !arg.startsWith('-')) ?? '', 'utf8')).resolves.toContain(
      'localConfig',
    )
  }
})

test('the broker listens on loopback only, and makes no topic by itself', () => {
  const config = localConfig({ DARKROOM_KAFKA_PORT: '19092', DARKROOM_KAFKA_CONTROLLER_PORT: '19093' })
  const nodes = kafkaNodes(config)
  const lines = serverProperties(nodes[0], nodes, '/h/data/kafka/log').trim().split('\n')
  const values = new Map(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]))
  expect(values.get('listeners')).toBe('PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093')
  expect(values.get('auto.create.topics.enable')).toBe('false')
  expect(values.get('log.dirs')).toBe('/h/data/kafka/log')
  // Nothing that a lone broker cannot do.
  for (const [name, value] of values)
    if (/replication\.factor$|min\.(isr|insync\.replicas)$/.test(name)) expect(value).toBe('1')
})

test('three brokers keep everything three times, and go on when one of them is away', () => {
  const config = localConfig({ DARKROOM_BROKERS: '3' })
  const nodes = kafkaNodes(config)
  expect(nodes.map(({ id }) => id)).toEqual([1, 2, 3])
  expect(config.urls.kafka.split(',')).toHaveLength(3)
  for (const node of nodes) {
    const text = serverProperties(node, nodes, '/h/log')
    expect(text).toContain('controller.quorum.voters=1@127.0.0.1:9093,2@127.0.0.1:9095,3@127.0.0.1:9097')
    expect(text).toContain('offsets.topic.replication.factor=3')
    expect(text).toContain('\nmin.insync.replicas=2')
  }
})

test('the topics of one broker are not taken for those of three, nor the other way round', async () => {
  const home = await temporaryHome()
  const check = (brokers: '1' | '3') => () =>
    checkBrokers(localConfig({ DARKROOM_HOME: home, DARKROOM_BROKERS: brokers }))
  expect(check('1')).not.toThrow()
  expect(check('3')).not.toThrow()
  await mkdir(join(home, 'data', 'kafka', 'log'), { recursive: true })
  expect(check('1')).not.toThrow()
  expect(check('3')).toThrow(/are those of one broker.*Start with --brokers 1.*--reset/)
  await writeFile(join(home, 'data', 'kafka', 'cluster-id'), 'id')
  expect(check('3')).not.toThrow()
  expect(check('1')).toThrow(/are those of three brokers.*Start with --brokers 3/)
})
