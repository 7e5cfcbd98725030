import { expect, it, vi } from 'vitest'
import { carryOutBatch } from '../../../faults/workload/batch.ts'
import type { Answer, Client, Maybe } from '../../../faults/workload/client.ts'
import { newUpload, type UploadPlan } from '../../../faults/workload/plan.ts'

// Clients pause before they try again.
vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }))

const plan: UploadPlan = {
  sample: { source: 'jpeg-0', contentType: 'image/jpeg', bytes: Buffer.from('image'), expect: 'processed' },
  way: 'batch',
  withKey: false,
  announced: false,
  repeat: false,
  erase: 'no',
}
const batchOf = (count: number, given: Partial<UploadPlan> = {}) =>
  Array.from({ length: count }, (_, n) => ({ plan: { ...plan, ...given }, upload: newUpload(n + 1, plan) }))

const tickets = (...ids: string[]): Answer => ({
  status: 201,
  json: { uploads: ids.map((id) => ({ id, url: `http://127.0.0.1/${id}`, headers: {} })) },
})
const accepted = (id: string) => ({ id, accepted: { id } })
const refused = (id: string, status: number, code: string) => ({ id, problem: { status, code } })
const outcome = (...images: object[]): Answer => ({ status: 200, json: { images } })

/** Answers one request after the other. @param stored statuses of S3, 200 where there are none left */
function clientOf(answers: Maybe<Answer>[], stored: Maybe<number>[] = []) {
  const asked: string[] = []
  const client: Client = {
    async send(_about, _method, path, init) {
      asked.push(`${path} ${path.endsWith('complete') ? (JSON.parse(String(init?.body)).ids as string[]).join() : ''}`)
      if (answers.length === 0) throw new Error('nothing more was expected')
      return answers.shift()
    },
    async store(_upload, { url }) {
      asked.push(`PUT ${url.at(-1)}`)
      return stored.length > 0 ? stored.shift() : 200
    },
  }
  return { client, asked }
}

it('repeats a completion without an answer with the same tickets, and sends nothing twice', async () => {
  const items = batchOf(2)
  const { client, asked } = clientOf([tickets('a', 'b'), undefined, outcome(accepted('a'), accepted('b'))])
  await carryOutBatch(client, items)
  expect(asked).toEqual(['/batches ', 'PUT a', 'PUT b', '/batches/complete a,b', '/batches/complete a,b'])
  expect(items.map(({ upload }) => [...upload.acknowledged])).toEqual([['a'], ['b']])
  expect(items.every(({ upload }) => upload.unanswered)).toBe(true)
})

it('sends again what has not arrived, and completes only what is not acknowledged yet', async () => {
  const items = batchOf(2)
  const { client, asked } = clientOf(
    [tickets('a', 'b'), outcome(accepted('a'), refused('b', 409, 'not-arrived')), outcome(accepted('b'))],
    [200, undefined, 412],
  )
  await carryOutBatch(client, items)
  expect(asked.slice(3)).toEqual(['/batches/complete a,b', 'PUT b', '/batches/complete b'])
  expect(items[1]?.upload).toMatchObject({ acknowledged: new Set(['b']), refused: undefined, unanswered: true })
})

it('takes down what was refused although it had arrived', async () => {
  const items = batchOf(1)
  const { client } = clientOf([tickets('a'), outcome(refused('a', 415, 'type-mismatch'))])
  await carryOutBatch(client, items)
  expect(items[0]?.upload).toMatchObject({ acknowledged: new Set(), refused: '415 type-mismatch' })
})

it('does not count an image that the answer leaves out as acknowledged', async () => {
  const items = batchOf(2)
  const { client } = clientOf([tickets('a', 'b'), outcome(accepted('a')), outcome(accepted('b'))])
  await carryOutBatch(client, items)
  expect(items.map(({ upload }) => upload.events.filter(({ what }) => /left out/.test(what)).length)).toEqual([0, 1])
})

it('notes an acknowledged image that a repetition does not know any more', async () => {
  const items = batchOf(1, { repeat: true })
  const { client } = clientOf([tickets('a'), outcome(accepted('a')), outcome(refused('a', 404, 'unknown-upload'))])
  await carryOutBatch(client, items)
  expect(items[0]?.upload.events.some(({ what }) => what.startsWith('VANISHED'))).toBe(true)
})
