/** The engineers' console behind `/stream`: who may do what, what is asked, and the record of every change. */
import type { Hono } from 'hono'
import { z } from 'zod'
import { spanNames } from '../../contract/stream-history-schemas.ts'
import * as stream from '../../contract/stream-schemas.ts'
import * as work from '../../contract/stream-work-schemas.ts'
import { type ConsoleRole, consoleLimits, historySpans, limits } from '../../platform.ts'
import { createApp, type HttpContext, type HttpEnvironment, personOf, readJson, requestIdOf } from '../shared/http.ts'
import { type Actor, requireRole } from './actor.ts'
import { listGroups, resetGroup, showGroup } from './groups.ts'
import { pointsOf } from './history-points.ts'
import { listMessages } from './messages.ts'
import { overviewOf } from './overview.ts'
import type { StreamAdminParts } from './parts.ts'
import { discard, listQuarantine, redrive } from './quarantine.ts'
import type { Intent } from './records.ts'
import { reprocessImage } from './reprocess.ts'
import { sendTestEvent } from './test-event.ts'
import { thumbnailsOf } from './thumbnails.ts'
import { changeTopic, createTopic, listTopics, showTopic } from './topics.ts'
import { changeTrigger } from './triggers.ts'

const historyQuery = z.object({ span: z.enum(spanNames).default('1h'), group: z.string().max(249).optional() })
const limit = z.coerce.number().int().min(1).max(limits.pageSize.most).default(limits.pageSize.default)
const changesQuery = z.object({ limit, of: z.enum(['changes', 'looks']).default('changes') })
const quarantineQuery = z.object({ limit, code: z.string().max(50).optional() })
const messagesQuery = z.object({
  limit,
  partition: z.coerce.number().int().min(0).optional(),
  offset: z
    .string()
    .regex(/^\d{1,19}$/, 'must be a whole number')
    .transform(BigInt)
    .optional(),
  from: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a moment as in RFC 3339')
    .transform(Date.parse)
    .optional(),
  search: z.string().min(1).max(200).optional(),
  cursor: z.string().max(consoleLimits.cursorLength).optional(),
})

export function createStreamAdminApp(parts: StreamAdminParts): Hono<HttpEnvironment> {
  const app = createApp(parts.logger)
  const actorOf = (context: HttpContext, least: ConsoleRole): Actor => requireRole(personOf(context), least, parts.mode)

  const audited = <T>(
    context: HttpContext,
    actor: Actor,
    change: Pick<Intent, 'action' | 'target' | 'before' | 'after'>,
    work: () => Promise<T>,
  ): Promise<T> => parts.records.audited({ ...change, actor, request: requestIdOf(context) }, work)

  app.use('/stream/*', async (context, next) => {
    actorOf(context, 'viewer')
    await next()
  })

  app.get('/stream', async (context) => context.json(await overviewOf(parts, actorOf(context, 'viewer').role)))

  app.get('/stream/history', async (context) => {
    const { span, group } = historyQuery.parse(context.req.query())
    const now = parts.clock()
    const samples = await parts.history.read(span, now)
    return context.json({
      span,
      step_seconds: historySpans[span].stepMs / 1000,
      ...pointsOf(samples, span, now, group),
    })
  })

  app.get('/stream/topics', async (context) => context.json(await listTopics(parts)))
  app.post('/stream/topics', async (context) => {
    const actor = actorOf(context, 'admin')
    const wanted = await readJson(context, stream.newTopic)
    const made = await createTopic(parts, wanted, (change, work) => audited(context, actor, change, work))
    return context.json(made, made.dry_run ? 200 : 201)
  })
  app.get('/stream/topics/:topic', async (context) => context.json(await showTopic(parts, context.req.param('topic'))))
  app.patch('/stream/topics/:topic', async (context) => {
    const actor = actorOf(context, 'admin')
    const change = await readJson(context, stream.topicChange)
    return context.json(
      await changeTopic(parts, context.req.param('topic'), change, (made, work) => audited(context, actor, made, work)),
    )
  })
  app.get('/stream/topics/:topic/messages', async (context) => {
    const query = messagesQuery.parse(context.req.query())
    return context.json(await listMessages(parts, context.req.param('topic'), query))
  })

  app.get('/stream/groups', async (context) => context.json(await listGroups(parts)))
  app.get('/stream/groups/:group', async (context) => context.json(await showGroup(parts, context.req.param('group'))))
  app.post('/stream/groups/:group/reset', async (context) => {
    const actor = actorOf(context, 'operator')
    const target = context.req.param('group')
    const reset = await readJson(context, stream.reset)
    return context.json(
      await resetGroup(parts, target, reset, (before, after, work) =>
        audited(context, actor, { action: 'group-reset', target, before, after }, work),
      ),
    )
  })

  app.get('/stream/quarantine', async (context) =>
    context.json(await listQuarantine(parts, quarantineQuery.parse(context.req.query()))),
  )
  app.post('/stream/quarantine/redrive', async (context) => {
    const actor = actorOf(context, 'operator')
    const asked = await readJson(context, work.redrive)
    return context.json(
      await redrive(parts, asked, requestIdOf(context), (after, work) =>
        audited(context, actor, { action: 'redrive', target: parts.quarantineTopic, before: {}, after }, work),
      ),
    )
  })
  app.post('/stream/quarantine/discard', async (context) => {
    const actor = actorOf(context, 'operator')
    const asked = await readJson(context, work.discard)
    return context.json(
      await discard(parts, asked, actor, (after, work) =>
        audited(context, actor, { action: 'discard', target: parts.quarantineTopic, before: {}, after }, work),
      ),
    )
  })

  app.get('/stream/triggers', async (context) => context.json({ items: await parts.triggers.list() }))
  app.get('/stream/triggers/:trigger', async (context) =>
    context.json(await parts.triggers.get(context.req.param('trigger'))),
  )
  app.post('/stream/triggers/:trigger', async (context) => {
    const actor = actorOf(context, 'operator')
    const target = context.req.param('trigger')
    const change = await readJson(context, work.triggerChange)
    return context.json(
      await changeTrigger(parts, target, change, (before, after, work) =>
        audited(context, actor, { action: 'trigger', target, before, after }, work),
      ),
    )
  })

  app.post('/stream/images/:id/reprocess', async (context) => {
    const actor = actorOf(context, 'operator')
    const { dry_run: dryRun = false } = await readJson(context, work.reprocess)
    const asked = { id: context.req.param('id'), dryRun, trace: requestIdOf(context) }
    return context.json(
      await reprocessImage(parts, asked, (before, after, work) =>
        // No image is named in what is kept for longer than images.
        audited(context, actor, { action: 'image-reprocess', target: parts.imagesTopic, before, after }, work),
      ),
    )
  })
  app.post('/stream/thumbnails', async (context) => {
    // Looking changes nothing, so a console that is read-only allows it.
    const actor = requireRole(personOf(context), 'operator', 'full')
    const { ids } = await readJson(context, work.thumbnailRequest)
    const look = { action: 'thumbnails', target: parts.imagesTopic, before: {}, after: { images: String(ids.length) } }
    const intent = { ...look, actor, request: requestIdOf(context) }
    return context.json(await parts.records.audited(intent, () => thumbnailsOf(parts, ids), 'looks'))
  })
  app.post('/stream/test-event', async (context) => {
    const actor = actorOf(context, 'operator')
    const asked = await readJson(context, work.testEvent)
    return context.json(
      await sendTestEvent(parts, asked, requestIdOf(context), (after, work) =>
        audited(context, actor, { action: 'test-event', target: parts.imagesTopic, before: {}, after }, work),
      ),
    )
  })

  app.get('/stream/changes', async (context) => {
    const { limit: most, of } = changesQuery.parse(context.req.query())
    return context.json({ items: await parts.records.changes(most, of) })
  })

  return app
}
