/** The control of the schedule: calls a function once, as of any moment. Reached over a Unix domain socket only. */
import { Hono } from 'hono'
import { z } from 'zod'
import { problemContentType, problemOf } from '../../contract/problem.ts'
import { schedules } from '../../platform.ts'
import type { InvokeResult } from '../lambda/host.ts'

export type ScheduledName = keyof typeof schedules

/** @param time epoch milliseconds: the function's idea of now */
export type RunScheduled = (name: ScheduledName, time: number) => Promise<InvokeResult>

const bodySchema = z.strictObject({ time: z.iso.datetime({ offset: true }) })

/** `POST /invoke/<function> {"time": "<ISO 8601>"}` → the function's result as JSON; errors are problem+json. */
export function controlApp(run: RunScheduled): Hono {
  const app = new Hono()
  app.post('/invoke/:name', async (context) => {
    const name = context.req.param('name')
    if (!Object.hasOwn(schedules, name)) {
      return problem(404, 'unknown-function', `${name} is none of ${Object.keys(schedules).join(', ')}`)
    }
    const body = bodySchema.safeParse(await context.req.json().catch(() => undefined))
    if (!body.success) return problem(400, 'invalid-time', 'The body is not {"time": "<ISO 8601 with zone>"}')
    const result = await run(name as ScheduledName, Date.parse(body.data.time))
    if (result.ok) return context.json(result.payload)
    return problem(502, 'function-failed', `${result.error.errorType}: ${result.error.errorMessage}`)
  })
  app.notFound(({ req }) => problem(404, 'not-found', `There is no ${req.method} ${req.path}`))
  return app
}

const problem = (status: number, code: string, detail: string) =>
  new Response(JSON.stringify(problemOf({ status, code, detail })), {
    status,
    headers: { 'content-type': problemContentType },
  })
