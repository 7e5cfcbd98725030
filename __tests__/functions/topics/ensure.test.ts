import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { ensureTopics, parseTopicRequest, type TopicAdmin } from '../../../functions/topics/ensure.ts'
import { topics } from '../../../platform.ts'

const { ConfigSource } = kafkajs
const definition = {
  name: 'images',
  partitions: 3,
  replicationFactor: 3,
  settings: { 'retention.ms': '1000', 'segment.ms': '100' },
}

type Setting = { readonly value: string; readonly own: boolean }
type Topic = { partitions: number; copies: number; settings: Record<string, Setting> }

/** A cluster in memory that does with the calls what Kafka does: AlterConfigs replaces the whole set. */
function cluster(present: Record<string, Topic> = {}) {
  const calls: string[] = []
  const admin = {
    listTopics: async () => Object.keys(present),
    createTopics: async ({ topics: wanted }) => {
      for (const { topic, numPartitions = 1, replicationFactor = 1, configEntries = [] } of wanted) {
        calls.push(`create ${topic}`)
        const settings = Object.fromEntries(configEntries.map(({ name, value }) => [name, { value, own: true }]))
        present[topic] = { partitions: numPartitions, copies: replicationFactor, settings }
      }
      return true
    },
    fetchTopicMetadata: async ({ topics: names } = { topics: [] }) => ({
      topics: names.map((name) => ({
        name,
        partitions: Array.from({ length: present[name]?.partitions ?? 0 }, (_, partitionId) => ({
          partitionErrorCode: 0,
          partitionId,
          leader: 0,
          replicas: Array.from({ length: present[name]?.copies ?? 0 }, (_copy, n) => n),
          isr: [],
        })),
      })),
    }),
    createPartitions: async ({ topicPartitions }) => {
      for (const { topic, count } of topicPartitions) {
        calls.push(`grow ${topic}`)
        Object.assign(present[topic] ?? {}, { partitions: count })
      }
      return true
    },
    describeConfigs: async ({ resources }) => ({
      throttleTime: 0,
      resources: resources.map(({ name, type }) => ({
        resourceName: name,
        resourceType: type,
        errorCode: 0,
        errorMessage: '',
        configEntries: Object.entries(present[name]?.settings ?? {}).map(([configName, { value, own }]) => ({
          configName,
          configValue: value,
          configSource: own ? ConfigSource.TOPIC_CONFIG : ConfigSource.DEFAULT_CONFIG,
          isDefault: !own,
          isSensitive: false,
          readOnly: false,
          configSynonyms: [],
        })),
      })),
    }),
    alterConfigs: async ({ resources }) => {
      for (const { name, configEntries = [] } of resources) {
        calls.push(`alter ${name}`)
        const topic = present[name]
        if (!topic) continue
        const left = Object.entries(topic.settings).filter(([, { own }]) => !own)
        topic.settings = Object.fromEntries([
          ...left,
          ...configEntries.map(({ name: setting, value }) => [setting, { value, own: true }] as const),
        ])
      }
    },
  } as TopicAdmin
  return { admin, calls, present }
}

const own = (value: string): Setting => ({ value, own: true })

describe('ensuring topics', () => {
  it('creates a topic that is missing, with its partitions, copies and settings', async () => {
    const { admin, present } = cluster()
    const { changes } = await ensureTopics(admin, [definition])
    expect(changes).toEqual(['images: created with 3 partitions'])
    expect(present.images).toEqual({
      partitions: 3,
      copies: 3,
      settings: { 'retention.ms': own('1000'), 'segment.ms': own('100') },
    })
  })

  it('changes nothing when it is repeated', async () => {
    const { admin, calls } = cluster()
    await ensureTopics(admin, Object.values(topics))
    calls.length = 0
    const { changes, warnings } = await ensureTopics(admin, Object.values(topics))
    expect({ changes, warnings, calls }).toEqual({ changes: [], warnings: [], calls: [] })
  })

  it('puts a setting right and keeps those that others have set', async () => {
    const settings = { 'retention.ms': own('999999'), 'segment.ms': own('100'), 'compression.type': own('zstd') }
    const { admin, present } = cluster({ images: { partitions: 3, copies: 3, settings } })
    const { changes } = await ensureTopics(admin, [definition])
    expect(changes).toEqual(['images: retention.ms 999999 → 1000'])
    expect(present.images?.settings).toEqual({ ...settings, 'retention.ms': own('1000') })
  })

  it("does not make the broker's own defaults into settings of the topic", async () => {
    const { admin, present } = cluster({
      images: { partitions: 3, copies: 3, settings: { 'flush.ms': { value: '7', own: false } } },
    })
    await ensureTopics(admin, [definition])
    expect(present.images?.settings['flush.ms']).toEqual({ value: '7', own: false })
  })

  it('adds partitions', async () => {
    const { admin, present } = cluster({ images: { partitions: 1, copies: 3, settings: {} } })
    const { changes } = await ensureTopics(admin, [definition])
    expect(changes).toContain('images: 1 → 3 partitions')
    expect(present.images?.partitions).toBe(3)
  })

  it('says what it cannot change instead of trying it', async () => {
    const settings = { 'retention.ms': own('1000'), 'segment.ms': own('100') }
    const { admin, calls } = cluster({ images: { partitions: 9, copies: 1, settings } })
    const { warnings } = await ensureTopics(admin, [definition])
    expect(warnings).toEqual([
      'images: has 9 partitions, 3 are wanted; Kafka cannot take partitions away',
      'images: has 1 copies, 3 are wanted; reassign its partitions by hand',
    ])
    expect(calls).toEqual([])
  })
})

describe('the request of a deployment', () => {
  it('takes the definitions as they are', () => {
    const all = JSON.parse(JSON.stringify({ topics: Object.values(topics) }))
    expect(parseTopicRequest(all)).toEqual(all.topics)
  })

  it.each([
    ['nothing', undefined],
    ['no topics', { topics: [] }],
    ['a topic without partitions', { topics: [{ ...definition, partitions: 0 }] }],
    ['a name that Kafka does not take', { topics: [{ ...definition, name: 'a b' }] }],
    ['a field that nobody knows', { topics: [definition], force: true }],
  ])('refuses %s and names what does not fit', (_, event) => {
    expect(() => parseTopicRequest(event)).toThrow(/topics|event/)
  })
})
