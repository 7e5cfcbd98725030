import { describe, expect, it } from 'vitest'
import {
  checkAccounts,
  checkNothingLeft,
  checkOrphans,
  checkPositions,
  checkSkipped,
  checkUnsent,
} from '../../faults/check/accounts.ts'
import type { Observation } from '../../faults/observe.ts'
import type { Upload } from '../../faults/workload/history.ts'
import type { ImageRow } from '../../functions/shared/image.ts'
import { pendingShard, unsettledShard } from '../../functions/shared/keys.ts'
import { imageRow } from '../support/images.ts'

const upload = (given: Partial<Upload> = {}): Upload => ({
  number: 1,
  way: 'direct',
  source: 'jpeg-0',
  expect: 'processed',
  sha256: 'aa',
  key: undefined,
  events: [],
  acknowledged: new Set(['a']),
  begun: new Set(),
  unanswered: false,
  refused: undefined,
  erased: 'no',
  aged: false,
  ...given,
})

const row = (given: Partial<ImageRow> = {}) => imageRow({ id: 'a', status: 'processed', sha256: 'aa', ...given })
const object = (key = 'images/x/a/original.jpg') => ({ key, versionId: '1', marker: false })

const seen = (rows: readonly ImageRow[], given: Partial<Observation> = {}): Observation => ({
  rows: new Map(rows.map((each) => [each.id, each])),
  keys: [],
  objects: new Map(),
  unfinished: [],
  strange: [],
  temporary: [],
  events: [],
  quarantined: [],
  givenUp: new Set(),
  settlements: new Map(),
  ...given,
})

const kindsOf = (uploads: readonly Upload[], observation: Observation) =>
  checkAccounts(uploads, observation).map(({ kind }) => kind)

describe('an acknowledged upload', () => {
  it('that is processed is in order', () => {
    expect(kindsOf([upload()], seen([row()]))).toEqual([])
  })

  it('without a row is lost', () => {
    expect(kindsOf([upload()], seen([]))).toEqual(['lost'])
  })

  it.each([{ erased: 'asked' }, { erased: 'told' }, { aged: true }] as const)(
    'that was removed (%j) may be gone',
    (how) => {
      expect(kindsOf([upload(how)], seen([]))).toEqual([])
    },
  )

  it.each([{ erased: 'told' }, { aged: true }] as const)('that was removed (%j) must not be there', (how) => {
    expect(kindsOf([upload(how)], seen([row()]))).toEqual(['not-gone'])
  })

  it('whose erasure was asked for and never answered may be there', () => {
    expect(kindsOf([upload({ erased: 'asked' })], seen([row()]))).toEqual([])
  })

  it.each(['received', 'published'] as const)('that is still %s at the end is stuck', (status) => {
    expect(kindsOf([upload()], seen([row({ status })]))).toEqual(['stuck'])
  })

  it('with two ids under one key is doubled, and without a key not', () => {
    const acknowledged = new Set(['a', 'b'])
    const both = seen([row(), row({ id: 'b' })])
    expect(kindsOf([upload({ key: 'k', acknowledged })], both)).toEqual(['doubled'])
    expect(kindsOf([upload({ acknowledged })], both)).toEqual([])
  })

  it('that the processor settled twice is doubled', () => {
    expect(kindsOf([upload()], seen([row()], { settlements: new Map([['a', 2]]) }))).toEqual(['doubled'])
  })

  it('that was removed may have been brought back by an attempt under its key, and only so', () => {
    const removed = { erased: 'told', unanswered: true } as const
    expect(kindsOf([upload({ ...removed, key: 'k' })], seen([row()]))).toEqual([])
    expect(kindsOf([upload(removed)], seen([row()]))).toEqual(['not-gone'])
  })

  it('that is refused at the end although nothing was wrong with it is a finding', () => {
    const refused = upload({ acknowledged: new Set(), begun: new Set(['a']), refused: '409 not-arrived' })
    expect(kindsOf([refused], seen([row({ status: 'uploading' })]))).toEqual(['refused'])
  })

  it('must end as its image deserves', () => {
    const reason = { code: 'truncated', message: 'it breaks off' } as const
    const quarantined = seen([row({ status: 'quarantined', reason })], {
      quarantined: [{ partition: 0, offset: '0', key: 'a', value: '' }],
    })
    expect(kindsOf([upload({ expect: 'quarantined' })], quarantined)).toEqual([])
    expect(kindsOf([upload()], quarantined)).toEqual(['wrong-verdict'])
    expect(kindsOf([upload({ expect: 'quarantined' })], seen([row()]))).toEqual(['wrong-verdict'])
  })

  it('in quarantine needs a reason and a record', () => {
    expect(kindsOf([upload({ expect: 'quarantined' })], seen([row({ status: 'quarantined' })]))).toEqual([
      'no-quarantine-record',
      'no-quarantine-record',
    ])
  })

  it('whose row has gone leaves no objects behind', () => {
    const observation = seen([], { objects: new Map([['a', [object()]]]) })
    expect(kindsOf([upload({ erased: 'told' })], observation)).toEqual(['left-behind'])
  })
})

describe('a row that nobody was told of', () => {
  it('is explained by an attempt without an answer and the same bytes', () => {
    const unanswered = upload({ acknowledged: new Set(), unanswered: true })
    expect(kindsOf([unanswered], seen([row()]))).toEqual([])
    expect(kindsOf([unanswered], seen([row({ sha256: 'bb' })]))).toEqual(['unexplained-row'])
  })

  it('is explained by an announcement without an answer only as long as nothing was completed', () => {
    const batch = upload({ way: 'batch', acknowledged: new Set(), unanswered: true })
    expect(kindsOf([batch], seen([row({ status: 'uploading' })]))).toEqual([])
    expect(kindsOf([batch], seen([row()]))).toEqual(['unexplained-row'])
  })

  it('is not explained by an upload that is acknowledged under its key as another image', () => {
    const keyed = upload({ key: 'k', unanswered: true })
    expect(kindsOf([keyed], seen([row(), row({ id: 'b' })]))).toEqual(['unexplained-row'])
  })
})

it('an event must be where the row says', () => {
  const event = { topic: 'images', partition: 0, offset: '5' }
  const rows = new Map([['a', row({ event })]])
  const record = (key: string) => ({ partition: 0, offset: '5', key, value: '' })
  expect(checkPositions({ rows, events: [record('a')] })).toEqual([])
  expect(checkPositions({ rows, events: [record('b')] })).toMatchObject([{ kind: 'no-event' }])
  expect(checkPositions({ rows, events: [] })).toMatchObject([{ kind: 'no-event' }])
})

it('only a copy in the failure destination excuses an event that was passed over', () => {
  const events = [{ partition: 0, offset: '5', key: 'a', value: '' }]
  for (const status of ['published', 'received'] as const) {
    const rows = new Map([['a', row({ status })]])
    expect(checkSkipped({ rows, events, givenUp: new Set() })).toMatchObject([{ kind: 'skipped', id: 'a' }])
    expect(checkSkipped({ rows, events, givenUp: new Set(['a']) })).toEqual([])
  }
  const waiting = new Map([['a', row({ status: 'received' })]])
  expect(checkSkipped({ rows: waiting, events: [], givenUp: new Set() })).toEqual([])
})

it('the event of what was acknowledged is in the stream or in the outbox', () => {
  const rows = (pendingShard: string) => new Map([['a', row({ status: 'received', pendingShard })]])
  const event = { partition: 0, offset: '5', key: 'a', value: '' }
  const told = new Set(['a'])
  expect(checkUnsent({ rows: rows('u00'), events: [] }, told)).toMatchObject([{ kind: 'no-event', id: 'a' }])
  expect(checkUnsent({ rows: rows('u00'), events: [event] }, told)).toEqual([])
  expect(checkUnsent({ rows: rows('p00'), events: [] }, told)).toEqual([])
  expect(checkUnsent({ rows: rows('u00'), events: [] }, new Set())).toEqual([])
})

it('after the grace nothing may be there without a row, temporary files included', () => {
  const observation = seen([], { objects: new Map([['a', [object()]]]), strange: ['x'], temporary: ['y'] })
  expect(checkOrphans(observation)).toHaveLength(3)
  expect(checkOrphans(seen([row()], { objects: new Map([['a', [object()]]]) }))).toEqual([])
})

describe('a row whose original never arrived', () => {
  const begun = row({ status: 'received', pendingShard: unsettledShard('a') })
  const unheard = upload({ acknowledged: new Set(), unanswered: true })

  it('is in order until the grace is over, where nobody was told', () => {
    expect(kindsOf([unheard], seen([begun]))).toEqual([])
    expect(checkOrphans(seen([begun]))).toMatchObject([{ kind: 'stuck', id: 'a' }])
  })

  it('is stuck where it was acknowledged, where its original is there, and where its event has to be sent', () => {
    expect(kindsOf([upload()], seen([begun]))).toEqual(['stuck'])
    expect(kindsOf([unheard], seen([begun], { objects: new Map([['a', [object()]]]) }))).toEqual(['stuck'])
    expect(kindsOf([unheard], seen([{ ...begun, pendingShard: pendingShard('a') }]))).toEqual(['stuck'])
  })
})

it('parts are there only as long as the row of their upload', () => {
  const observation = seen([], { unfinished: [{ id: 'a', uploadId: 'u' }] })
  expect(checkOrphans(observation)).toMatchObject([{ kind: 'unexplained-object', id: 'a' }])
  expect(checkOrphans({ ...observation, rows: new Map([['a', row({ status: 'uploading' })]]) })).toEqual([])
  expect(checkNothingLeft(observation, 'not-gone')).toHaveLength(1)
})

it('after the purge nothing may be there at all', () => {
  const observation = seen([row()], { objects: new Map([['a', [object()]]]) })
  expect(checkNothingLeft(observation, 'resurrected')).toHaveLength(2)
  expect(checkNothingLeft(seen([]), 'resurrected')).toEqual([])
})
