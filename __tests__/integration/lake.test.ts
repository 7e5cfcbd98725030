import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLake } from '../../functions/shared/lake.ts'
import { everythingIn, putMarker, putVersions, startMultipart } from '../support/images.ts'
import { createStores, type Stores } from '../support/stores.ts'

let stores: Stores
beforeAll(async () => {
  stores = await createStores()
})
afterAll(() => stores.close())

describe('writing', () => {
  it('writes an object that must not exist once only, and keeps the first bytes', async () => {
    const { lake } = stores
    const first = await lake.putNew('write/once', Buffer.from('first'), 'text/plain')
    expect(first).toMatchObject({ existed: false, versionId: expect.any(String) })
    expect(await lake.putNew('write/once', Buffer.from('second'), 'text/plain')).toEqual({ existed: true })
    expect(Buffer.from((await lake.get('write/once')) ?? []).toString()).toBe('first')
  })

  it('reads the accepted version although a later one lies on top of it', async () => {
    const { lake } = stores
    const first = await lake.putNew('write/versions', Buffer.from('accepted'), 'text/plain')
    await lake.put('write/versions', 'later', 'text/plain')
    const versionId = first.existed ? undefined : first.versionId
    expect(Buffer.from((await lake.get('write/versions', versionId)) ?? []).toString()).toBe('accepted')
  })

  it('tells length and first bytes, also of an empty object', async () => {
    const { lake } = stores
    await lake.put('write/head', 'abcdef', 'text/plain')
    await lake.put('write/empty', '', 'text/plain')
    const head = await lake.head('write/head', 3)
    expect({ bytes: head?.bytes, start: Buffer.from(head?.start ?? []).toString() }).toEqual({ bytes: 6, start: 'abc' })
    expect(await lake.head('write/empty', 3)).toMatchObject({ bytes: 0 })
  })
})

describe('what is missing', () => {
  it('is undefined for an object, a version and a key under a delete marker', async () => {
    const { lake } = stores
    expect(await lake.get('missing/key')).toBeUndefined()
    expect(await lake.head('missing/key', 10)).toBeUndefined()
    expect(await lake.exists('missing/key')).toBe(false)
    const { versionId } = (await lake.putNew('missing/version', Buffer.from('x'), 'text/plain')) as {
      versionId: string
    }
    expect(await lake.exists('missing/version', versionId)).toBe(true)
    await lake.put('missing/version', 'later', 'text/plain')
    await lake.deleteVersions([{ key: 'missing/version', versionId, marker: false, modifiedAt: 0 }], {
      versions: 0,
      markers: 0,
      uploads: 0,
      versionIds: [],
      errors: [],
    })
    expect(await lake.exists('missing/version', versionId)).toBe(false)
    expect(await lake.get('missing/version', versionId)).toBeUndefined()
    expect(await lake.exists('missing/version')).toBe(true)
    await putMarker(stores, 'missing/version')
    expect(await lake.exists('missing/version')).toBe(false)
  })

  it('is an error when it is the bucket, so that nobody takes a wrong bucket for lost images', async () => {
    const wrong = createLake(stores.s3, 'test-no-such-bucket')
    await expect(wrong.get('any')).rejects.toThrow('The lake did not answer')
    await expect(wrong.head('any', 1)).rejects.toThrow('The lake did not answer')
    await expect(wrong.exists('any')).rejects.toThrow('The lake did not answer')
    await expect(wrong.isEmpty('any')).rejects.toThrow('The lake did not answer')
    await expect(wrong.deleteEverything('any')).rejects.toThrow('The lake did not answer')
  })
})

describe('deleting everything below a prefix', () => {
  it('takes current and older versions, markers and unfinished uploads, and counts each once', async () => {
    const { lake } = stores
    await putVersions(stores, 'all/1/a', 3)
    await putVersions(stores, 'all/1/b', 1)
    await putMarker(stores, 'all/1/b')
    await putMarker(stores, 'all/1/never-was')
    await startMultipart(stores, 'all/1/a')
    await startMultipart(stores, 'all/1/a')
    await startMultipart(stores, 'all/1/c')
    expect(await lake.isEmpty('all/1/')).toBe(false)
    const count = await lake.deleteEverything('all/1/')
    expect(count).toMatchObject({ versions: 4, uploads: 3, errors: [] })
    expect(count.markers).toBeGreaterThanOrEqual(1)
    expect(await everythingIn(stores, 'all/')).toEqual([])
    expect(await lake.isEmpty('all/1/')).toBe(true)
  })

  it('leaves neighbours alone whose keys begin alike', async () => {
    const { lake } = stores
    for (const key of ['near/1/a', 'near/10/a', 'near/1.json']) await lake.put(key, 'x', 'text/plain')
    await lake.deleteEverything('near/1/')
    expect((await everythingIn(stores, 'near/')).sort()).toEqual(['near/1.json', 'near/10/a'])
  })

  it('deletes one exact key and none that continues it', async () => {
    const { lake } = stores
    await putVersions(stores, 'exact/a.json', 2)
    await lake.put('exact/a.json.bak', 'x', 'text/plain')
    await startMultipart(stores, 'exact/a.json.bak')
    expect(await lake.deleteKey('exact/a.json')).toMatchObject({ versions: 2, uploads: 0 })
    expect(await everythingIn(stores, 'exact/')).toEqual(['exact/a.json.bak', 'exact/a.json.bak (unfinished)'])
    expect(await lake.isKeyEmpty('exact/a.json')).toBe(true)
    expect(await lake.isKeyEmpty('exact/a.json.bak')).toBe(false)
  })

  it('turns page after page: many versions of one key, markers, many keys, many uploads of one key', async () => {
    const lake = createLake(stores.s3, stores.names.lake, 10)
    await putVersions(stores, 'many/a', 35)
    await putVersions(stores, 'many/b', 12)
    await putMarker(stores, 'many/b')
    await Promise.all(Array.from({ length: 25 }, (_, n) => lake.put(`many/c${n}`, 'x', 'text/plain')))
    await Promise.all(Array.from({ length: 14 }, (_, n) => startMultipart(stores, `many/d${n % 2}`)))
    const count = await lake.deleteEverything('many/')
    expect(count).toMatchObject({ versions: 72, markers: 1, uploads: 14, errors: [] })
    expect(await everythingIn(stores, 'many/')).toEqual([])
  })

  it('is at peace with two deletions at once', async () => {
    const { lake } = stores
    await putVersions(stores, 'twice/a', 40)
    await Promise.all([lake.deleteEverything('twice/'), lake.deleteEverything('twice/')])
    await lake.deleteEverything('twice/')
    expect(await lake.isEmpty('twice/')).toBe(true)
  })
})

describe('pages', () => {
  it('lists behind a key that no longer exists', async () => {
    const { lake } = stores
    for (const key of ['page/a/1', 'page/b/1', 'page/c/1']) await lake.put(key, 'x', 'text/plain')
    const { entries } = await lake.versionsPage('page/', 'page/a/\u{10FFFF}')
    expect(entries.map(({ key }) => key)).toEqual(['page/b/1', 'page/c/1'])
    await startMultipart(stores, 'page/b/2')
    expect((await lake.uploadsPage('page/', 'page/a/\u{10FFFF}')).entries).toMatchObject([{ key: 'page/b/2' }])
    expect((await lake.uploadsPage('page/', 'page/b/\u{10FFFF}')).entries).toEqual([])
  })
})
