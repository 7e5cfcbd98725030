import { expect, it, vi } from 'vitest'
import type { Answer, Client, Maybe } from '../../../faults/workload/client.ts'
import { newUpload, type UploadPlan } from '../../../faults/workload/plan.ts'
import { carryOut } from '../../../faults/workload/uploads.ts'

// Clients pause before they try again.
vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }))

const plan = {
  sample: { source: 'jpeg-0', contentType: 'image/jpeg', bytes: Buffer.from('0123456789'), expect: 'processed' },
  way: 'parts',
  withKey: false,
  announced: false,
  repeat: false,
  erase: 'no',
} as const satisfies UploadPlan

/** What the platform says about an upload in parts of four bytes. */
const state = (status: number, ...missing: number[]): Answer => ({
  status,
  json: {
    id: 'a',
    part_bytes: 4,
    parts: [4, 4, 2].map((bytes, n) => ({
      number: n + 1,
      bytes,
      arrived: !missing.includes(n + 1),
      url: `http://127.0.0.1/${n + 1}`,
    })),
  },
})
const accepted: Answer = { status: 202, json: { id: 'a' } }

function clientOf(answers: Maybe<Answer>[], stored: Maybe<number>[] = []) {
  const asked: string[] = []
  const client: Client = {
    async send(_about, method, path) {
      asked.push(`${method} ${path}`)
      if (answers.length === 0) throw new Error('nothing more was expected')
      return answers.shift()
    },
    async store(_upload, { url, body }) {
      asked.push(`PUT ${url.at(-1)} ${body instanceof FormData ? '' : Buffer.from(body)}`)
      return stored.length > 0 ? stored.shift() : 200
    },
  }
  return { client, asked }
}

it('goes on with the parts that are missing after one of them was not answered', async () => {
  const upload = newUpload(1, plan)
  const { client, asked } = clientOf([state(201, 1, 2, 3), state(200, 2), accepted], [200, undefined, 200])
  await carryOut(client, upload, plan)
  expect(asked).toEqual([
    'POST /uploads/multipart',
    'PUT 1 0123',
    'PUT 2 4567',
    'PUT 3 89',
    'GET /uploads/a/parts',
    'PUT 2 4567',
    'POST /uploads/a/complete',
  ])
  expect([...upload.acknowledged]).toEqual(['a'])
})

it('asks for the completion of a form that was not answered, and believes neither answer to be certain', async () => {
  const presigned = { ...plan, way: 'presigned' } as const
  const upload = newUpload(1, presigned)
  const ticket = (id: string): Answer => ({ status: 201, json: { id, url: 'http://127.0.0.1/', fields: {} } })
  const notArrived: Answer = { status: 409, json: { code: 'not-arrived' } }
  const { client, asked } = clientOf([ticket('a'), notArrived, ticket('b'), accepted], [undefined, 204])
  await carryOut(client, upload, presigned)
  expect(asked.filter((each) => each.includes('complete'))).toEqual([
    'POST /uploads/a/complete',
    'POST /uploads/b/complete',
  ])
  expect(upload).toMatchObject({ refused: undefined, unanswered: true, begun: new Set(['a', 'b']) })
})

it('is refused where the platform goes on saying that what has arrived has not', async () => {
  const upload = newUpload(1, plan)
  const notArrived: Answer = { status: 409, json: { code: 'not-arrived' } }
  const { client } = clientOf(Array.from({ length: 8 }, (_, n) => [state(n === 0 ? 201 : 200), notArrived]).flat())
  await carryOut(client, upload, plan)
  expect(upload).toMatchObject({ acknowledged: new Set(), refused: '409 not-arrived' })
})
