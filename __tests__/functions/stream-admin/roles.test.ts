/** The function itself refuses what a role may not do, whatever the gateway has let through. */
import type { Context } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../../contract/openapi.ts'
import { lambdaHandler } from '../../../functions/shared/http.ts'
import type { ConsoleMode } from '../../../functions/stream-admin/actor.ts'
import { createStreamAdminApp } from '../../../functions/stream-admin/app.ts'
import type { StreamAdminParts } from '../../../functions/stream-admin/parts.ts'
import { apiEvent } from '../../support/api-event.ts'

/** Whatever is touched beyond the role's check is a fault of the test's subject, and an answer of 500. */
const untouchable = new Proxy(
  {},
  {
    get: (_target, name) => {
      throw new Error(`${String(name)} was touched`)
    },
  },
)
const partsIn = (mode: ConsoleMode) =>
  ({
    mode,
    clock: Date.now,
    logger: { error: () => {}, warn: () => {}, info: () => {} },
    ...Object.fromEntries(
      ['kafka', 'triggers', 'ledger', 'publisher', 'records', 'history', 'sign'].map((name) => [name, untouchable]),
    ),
  }) as unknown as StreamAdminParts

async function ask(mode: ConsoleMode, group: string | undefined, method: string, path: string) {
  const event = apiEvent({ method, path, ...(method !== 'GET' && { body: '{}' }) })
  const claims = { sub: 'person-1', ...(group && { 'cognito:groups': group }) }
  event.requestContext.authorizer = { claims }
  const answer = (await lambdaHandler(createStreamAdminApp(partsIn(mode)))(event, {} as Context)) as {
    statusCode: number
    body: string
  }
  return [answer.statusCode, JSON.parse(answer.body).code]
}

const operations = Object.entries(openApiDocument().paths)
  .filter(([path]) => path.startsWith('/stream'))
  .flatMap(([path, item]) => Object.keys(item).map((method) => [method.toUpperCase(), path.replaceAll(/[{}]/g, '')]))
const changes = operations.filter(([method]) => method !== 'GET') as [string, string][]
/** A look at photographs: it takes a role, and changes nothing. */
const look = '/stream/thumbnails'

describe.each(changes)('%s %s', (method, path) => {
  it('is refused to viewers, and to people of no group of the console', async () => {
    expect(await ask('full', 'viewers', method, path)).toEqual([403, 'role-missing'])
    expect(await ask('full', 'uploaders', method, path)).toEqual([403, 'role-missing'])
    expect(await ask('full', undefined, method, path)).toEqual([403, 'role-missing'])
  })
})

it.each(changes.filter(([, path]) => path !== look))(
  '%s %s is refused to everybody where the console is read-only',
  async (method, path) => {
    expect(await ask('read-only', 'engineers', method, path)).toEqual([403, 'console-read-only'])
  },
)

it.each(operations.filter(([method]) => method === 'GET') as [string, string][])(
  '%s %s is refused to people of no group of the console',
  async (method, path) => {
    expect(await ask('full', 'uploaders', method, path)).toEqual([403, 'role-missing'])
  },
)
