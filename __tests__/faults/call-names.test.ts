import { expect, it } from 'vitest'
import { callNameOf } from '../../faults/inject/call-names.ts'

const ports = { s3: 7070, dynamodb: 8000 }
const name = (method: string, path: string, port = ports.s3, target = '') =>
  callNameOf({ method, path, port, target }, ports)

it.each([
  ['PUT', '/darkroom-local-lake/images/date=2026-11-23/0f0c/original.jpg?x-id=PutObject', 's3.PUT original'],
  ['PUT', '/darkroom-local-lake/images/date=2026-11-23/0f0c/thumb.webp', 's3.PUT rendition'],
  ['PUT', '/darkroom-local-lake/metadata/date=2026-11-23/0f0c.json', 's3.PUT metadata'],
  ['PUT', '/darkroom-local-lake/runs/2026/1.json', 's3.PUT record'],
  ['POST', '/darkroom-local-lake?delete', 's3.POST delete'],
  ['GET', '/darkroom-local-lake?versions=&prefix=images%2F', 's3.GET versions'],
  ['GET', '/darkroom-local-lake/images/date=2026-11-23/0f0c/original.jpg?uploadId=1', 's3.GET uploadId'],
  ['HEAD', '/darkroom-local-lake', 's3.HEAD bucket'],
])('calls %s %s %s', (method, path, expected) => {
  expect(name(method, path)).toBe(expected)
})

it('calls DynamoDB’s operations by their names, and knows nothing of other ports', () => {
  expect(name('POST', '/', ports.dynamodb, 'DynamoDB_20120810.PutItem')).toBe('dynamodb.PutItem')
  expect(name('GET', '/', 1234)).toBeUndefined()
})
