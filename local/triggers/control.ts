/** The control of the triggers over HTTP on a Unix domain socket: see their state, change, disable and enable them. */
import { chmod, mkdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { changesSchema } from './settings.ts'
import type { Trigger } from './trigger.ts'

/** Another process controls triggers in the same home. */
export class SocketTakenError extends Error {
  override readonly name = 'SocketTakenError'
  readonly retriable = false
}

const problem = (status: 400 | 404 | 500, code: string, title: string, detail: string) =>
  Response.json(
    { type: 'about:blank', title, status, code, detail },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )

/** `GET /triggers`, `GET /triggers/:name`, `POST /triggers/:name` with any of the changes. Errors are problem+json. */
export function controlApp(triggers: ReadonlyMap<string, Trigger>): Hono {
  const app = new Hono()
  const unknown = (name: string) =>
    problem(404, 'unknown-trigger', 'There is no such trigger', `${name} is none of ${[...triggers.keys()].join(', ')}`)

  app.get('/triggers', async (context) =>
    context.json({ triggers: await Promise.all([...triggers.values()].map((trigger) => trigger.view())) }),
  )
  app.get('/triggers/:name', async (context) => {
    const name = context.req.param('name')
    const trigger = triggers.get(name)
    return trigger ? context.json(await trigger.view()) : unknown(name)
  })
  app.post('/triggers/:name', async (context) => {
    const name = context.req.param('name')
    const trigger = triggers.get(name)
    if (!trigger) return unknown(name)
    const body = await context.req.json().catch(() => undefined)
    const changes = changesSchema.safeParse(body)
    if (!changes.success) {
      return problem(400, 'invalid-change', 'The change is not valid', z.prettifyError(changes.error))
    }
    await trigger.change(changes.data)
    return context.json(await trigger.view())
  })
  app.notFound((context) =>
    problem(404, 'not-found', 'There is nothing here', `${context.req.method} ${context.req.path}`),
  )
  app.onError((error) => problem(500, 'internal', 'The change could not be made', error.message))
  return app
}

/**
 * Listens on the socket; only the same user may connect.
 * @throws SocketTakenError when somebody answers there
 */
export async function serveControl(app: Hono, path: string): Promise<{ close(): Promise<void> }> {
  await mkdir(dirname(path), { recursive: true })
  if (await answers(path)) throw new SocketTakenError(`Another process listens on ${path}`)
  await rm(path, { force: true })
  const server = createAdaptorServer({ fetch: app.fetch })
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(path, listening.resolve)
  await listening.promise
  await chmod(path, 0o600)
  return {
    async close() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed.promise
    },
  }
}

/** A socket file that a killed process left behind refuses connections. */
function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = connect(path, () => {
    probe.destroy()
    resolve(true)
  })
  probe.once('error', () => resolve(false))
  return promise
}
