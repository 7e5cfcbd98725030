import { describe, expect, it } from 'vitest'
import type { Setting } from '../../../functions/stream-admin/kafka-views.ts'
import { withBrokerDefault } from '../../../functions/stream-admin/kafka-views.ts'
import {
  checkPromise,
  differencesOf,
  mergedSettings,
  type SettingsChange,
  warningsOf,
} from '../../../functions/stream-admin/settings-change.ts'

const day = 86_400_000
const setting = (name: string, value: string, defaultValue: string | undefined, set = true): Setting => ({
  name,
  value,
  defaultValue,
  set,
  readOnly: false,
  sensitive: false,
})
const current = [
  setting('cleanup.policy', 'delete', 'delete'),
  setting('message.timestamp.type', 'LogAppendTime', 'CreateTime'),
  setting('retention.ms', String(3 * day), String(7 * day)),
  setting('segment.ms', String(day / 4), String(7 * day)),
  setting('flush.ms', '9', '9', false),
]

describe('merging', () => {
  it('keeps every setting of the topic that is not named', () => {
    expect(mergedSettings(current, { set: { 'retention.ms': '1' } })).toEqual({
      'cleanup.policy': 'delete',
      'message.timestamp.type': 'LogAppendTime',
      'retention.ms': '1',
      'segment.ms': String(day / 4),
    })
  })

  it('takes away what goes back to the default, and adds what was default', () => {
    const merged = mergedSettings(current, { set: { 'flush.ms': '10' }, unset: ['segment.ms'] })
    expect(merged).toMatchObject({ 'flush.ms': '10' })
    expect(merged).not.toHaveProperty('segment.ms')
  })

  it.each([
    ['unknown-setting', { set: { nope: '1' } }],
    ['unknown-setting', { unset: ['nope'] }],
    ['contradiction', { set: { 'flush.ms': '1' }, unset: ['flush.ms'] }],
  ])('refuses with %s what cannot be: %j', (code, change) => {
    expect(() => mergedSettings(current, change)).toThrow(expect.objectContaining({ code, status: 400 }))
  })
})

describe('the difference', () => {
  const differences = (change: SettingsChange) => differencesOf(current, mergedSettings(current, change))

  it('names only what is different in effect', () => {
    expect(differences({ set: { 'retention.ms': '5', 'cleanup.policy': 'delete', 'flush.ms': '9' } })).toEqual([
      { name: 'retention.ms', before: String(3 * day), after: '5' },
    ])
  })

  it('shows the default where a setting goes back to it', () => {
    expect(differences({ unset: ['retention.ms'] })).toEqual([
      { name: 'retention.ms', before: String(3 * day), after: String(7 * day) },
    ])
  })
})

describe('the promise of deletion', () => {
  const check = (change: SettingsChange, topic = 'images') =>
    checkPromise(topic, current, mergedSettings(current, change))

  it('allows what keeps records no longer than images', () => {
    expect(() => check({ set: { 'retention.ms': String(6.75 * day) } })).not.toThrow()
  })

  it.each<SettingsChange>([
    { set: { 'retention.ms': String(6.75 * day + 1) } },
    { set: { 'retention.ms': '-1' } },
    { set: { 'segment.ms': String(5 * day) } },
    { set: { 'cleanup.policy': 'compact' } },
    { set: { 'message.timestamp.type': 'CreateTime' } },
    { unset: ['retention.ms'] },
    { unset: ['message.timestamp.type'] },
  ])('refuses %j', (change) => {
    expect(() => check(change)).toThrow(expect.objectContaining({ code: 'breaks-the-promise', status: 422 }))
  })

  it('refuses a default that nobody knows', () => {
    const unknown = [...current.filter(({ name }) => name !== 'retention.ms'), setting('retention.ms', '1', undefined)]
    expect(() => checkPromise('images', unknown, mergedSettings(unknown, { unset: ['retention.ms'] }))).toThrow()
  })

  it("is not asked of topics that are not the platform's", () => {
    expect(() => check({ set: { 'retention.ms': '-1' } }, 'other')).not.toThrow()
  })
})

describe('warnings', () => {
  it('say that shorter retention deletes, that keys move, and that a deployment puts settings back', () => {
    const shorter = [{ name: 'retention.ms', before: '-1', after: '5' }]
    expect(warningsOf('other', { settings: shorter, partitions: false })).toHaveLength(1)
    expect(warningsOf('other', { settings: [], partitions: true }).join(' ')).toContain('order of records')
    expect(warningsOf('images', { settings: shorter, partitions: false }).join(' ')).toContain('platform.ts')
    expect(
      warningsOf('other', { settings: [{ name: 'retention.ms', before: '5', after: '-1' }], partitions: false }),
    ).toEqual([])
  })
})

describe("a broker's default in another unit", () => {
  const broker = [
    { configName: 'log.retention.ms', configValue: null },
    { configName: 'log.retention.hours', configValue: '168' },
  ]
  it('is told in milliseconds', () => {
    expect(withBrokerDefault(setting('retention.ms', '1', undefined), broker).defaultValue).toBe(String(7 * day))
    expect(withBrokerDefault(setting('retention.ms', '1', '2'), broker).defaultValue).toBe('2')
    expect(withBrokerDefault(setting('other', '1', undefined), broker).defaultValue).toBeUndefined()
  })
})
