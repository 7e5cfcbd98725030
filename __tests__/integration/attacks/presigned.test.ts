/** Links and forms that were given for one thing, used for another: S3 itself refuses, by their signature. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { BatchTickets } from '../../../contract/batch-schemas.ts'
import type { UploadTicket } from '../../../contract/schemas.ts'
import { apiClient } from '../../support/api.ts'
import { mint, url } from './attacker.ts'
import { imageBytes } from './images.ts'

const json = { 'content-type': 'application/json' }
let api: ReturnType<typeof apiClient>
let bytes: Buffer
beforeAll(async () => {
  api = apiClient(url, await mint('uploaders', { sub: crypto.randomUUID() }))
  bytes = await imageBytes('image/jpeg')
})

const announced = () => ({ content_type: 'image/jpeg', bytes: bytes.length })
const ticketOf = async () =>
  (await api.call<UploadTicket>('POST', '/uploads', { body: JSON.stringify(announced()), headers: json })).json

type Form = { fields: Record<string, string>; file: Uint8Array; url: string }
const post = async ({ fields, file, url: to }: Form) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob([file as Uint8Array<ArrayBuffer>]))
  return (await fetch(to, { method: 'POST', body: form })).status
}

const policyOf = (fields: Record<string, string>) => JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString())
const withPolicy = (form: Form, change: (policy: { expiration: string; conditions: unknown[] }) => object): Form => ({
  ...form,
  fields: { ...form.fields, Policy: Buffer.from(JSON.stringify(change(policyOf(form.fields)))).toString('base64') },
})
const withFields = (form: Form, fields: Record<string, string>): Form => ({
  ...form,
  fields: { ...form.fields, ...fields },
})
const without = (form: Form, name: string): Form => {
  const { [name]: _, ...fields } = form.fields
  return { ...form, fields }
}

const abuses: Record<string, (form: Form) => Form> = {
  'another key': (form) => withFields(form, { key: `images/date=2026-01-01/${crypto.randomUUID()}/original.jpg` }),
  'a key above': (form) => withFields(form, { key: `../${form.fields.key}` }),
  'a rendition as its key': (form) =>
    withFields(form, { key: (form.fields.key ?? '').replace('original.jpg', 'thumb.webp') }),
  'a metadata file as its key': (form) => withFields(form, { key: 'metadata/date=2026-01-01/x.json' }),
  'a receipt as its key': (form) => withFields(form, { key: 'receipts/000.json' }),
  'the file name in its key': (form) => withFields(form, { key: `${form.fields.key}\${filename}` }),
  'another type': (form) => withFields(form, { 'Content-Type': 'text/html' }),
  'no type': (form) => without(form, 'Content-Type'),
  'one byte more': (form) => ({ ...form, file: Buffer.concat([form.file, Buffer.alloc(1)]) }),
  'one byte less': (form) => ({ ...form, file: form.file.subarray(1) }),
  'nothing in it': (form) => ({ ...form, file: new Uint8Array() }),
  'a public ACL': (form) => withFields(form, { acl: 'public-read' }),
  'a redirect': (form) => withFields(form, { success_action_redirect: 'https://evil.example' }),
  'metadata of its own': (form) => withFields(form, { 'x-amz-meta-owner': 'somebody' }),
  'a storage class': (form) => withFields(form, { 'x-amz-storage-class': 'GLACIER' }),
  'a longer policy': (form) => withPolicy(form, (policy) => ({ ...policy, expiration: '2099-01-01T00:00:00Z' })),
  'an open policy': (form) => withPolicy(form, (policy) => ({ ...policy, conditions: [] })),
  'a policy for all keys': (form) =>
    withPolicy(form, (policy) => ({ ...policy, conditions: [...policy.conditions, ['starts-with', '$key', '']] })),
  'no policy': (form) => without(form, 'Policy'),
  'no signature': (form) => without(form, 'X-Amz-Signature'),
  'another signature': (form) => withFields(form, { 'X-Amz-Signature': '0'.repeat(64) }),
  'another credential': (form) =>
    withFields(form, { 'X-Amz-Credential': (form.fields['X-Amz-Credential'] ?? '').replace(/^[^/]+/, 'evil') }),
  'another day': (form) => withFields(form, { 'X-Amz-Date': '20200101T000000Z' }),
  'another bucket': (form) => ({ ...form, url: form.url.replace(/-lake\/?$/, '-failures') }),
}

describe.each(Object.entries(abuses))('a presigned POST with %s', (_, abuse) => {
  it('is refused by S3, and the upload stays where it was', async () => {
    const ticket = await ticketOf()
    const status = await post(abuse({ fields: ticket.fields, file: bytes, url: ticket.url }))
    expect([400, 403, 404, 405, 411]).toContain(status)
    const completed = await api.call<{ code: string }>('POST', `/uploads/${ticket.id}/complete`)
    expect([completed.status, completed.json.code]).toEqual([409, 'not-arrived'])
  })
})

it('the same form goes through as it was given', async () => {
  const ticket = await ticketOf()
  expect(await post({ fields: ticket.fields, file: bytes, url: ticket.url })).toBeLessThan(300)
})

type Put = { url: URL; method: string; headers: Record<string, string>; body: Uint8Array | undefined }
const putAbuses: Record<string, (put: Put) => Put> = {
  'for reading': (put) => ({ ...put, method: 'GET', body: undefined }),
  'for deleting': (put) => ({ ...put, method: 'DELETE', body: undefined }),
  'for posting': (put) => ({ ...put, method: 'POST' }),
  'for another key': (put) => ({ ...put, url: edited(put.url, (link) => (link.pathname += 'x')) }),
  'for its access rights': (put) => ({ ...put, url: edited(put.url, (link) => link.searchParams.set('acl', '')) }),
  'for its tags': (put) => ({ ...put, url: edited(put.url, (link) => link.searchParams.set('tagging', '')) }),
  'for a part': (put) => ({ ...put, url: edited(put.url, (link) => link.searchParams.set('partNumber', '1')) }),
  'with another length': (put) => ({ ...put, body: Buffer.concat([bytes, bytes]) }),
  'with another type': (put) => ({ ...put, headers: { ...put.headers, 'content-type': 'text/html' } }),
  'without its condition': (put) => ({ ...put, headers: { 'content-type': 'image/jpeg' } }),
  'for longer': (put) => ({ ...put, url: edited(put.url, (link) => link.searchParams.set('X-Amz-Expires', '604800')) }),
  'with another signature': (put) => ({
    ...put,
    url: edited(put.url, (link) => link.searchParams.set('X-Amz-Signature', 'f'.repeat(64))),
  }),
  'with fewer signed headers': (put) => ({
    ...put,
    url: edited(put.url, (link) => link.searchParams.set('X-Amz-SignedHeaders', 'host')),
  }),
  'without a signature': (put) => ({ ...put, url: edited(put.url, (link) => (link.search = '')) }),
}
function edited(link: URL, change: (copy: URL) => unknown): URL {
  const copy = new URL(link)
  change(copy)
  return copy
}

describe.each(Object.entries(putAbuses))('a presigned PUT used %s', (_, abuse) => {
  it('is refused by S3, and the upload stays where it was', async () => {
    const body = JSON.stringify({ images: [announced()] })
    const { json: tickets } = await api.call<BatchTickets>('POST', '/batches', { body, headers: json })
    const [ticket] = tickets.uploads as [BatchTickets['uploads'][number]]
    const given = { url: new URL(ticket.url), method: 'PUT', headers: ticket.headers, body: bytes }
    const { url: to, ...init } = abuse(given)
    const { status } = await fetch(to, init as RequestInit)
    expect([400, 403, 404, 405, 411, 501]).toContain(status)
    const ids = JSON.stringify({ ids: [ticket.id] })
    const completed = await api.call<{ images: { problem?: { code: string } }[] }>('POST', '/batches/complete', {
      body: ids,
      headers: json,
    })
    expect(completed.json.images[0]?.problem?.code).toBe('not-arrived')
  })
})
