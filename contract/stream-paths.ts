/** Operations of the engineers' console. Reading takes `stream.read`; every change takes `stream.write`. */
import { consoleLimits, limits, scopes } from '../platform.ts'
import type { OpenApiDocument, Operation, Parameter } from './openapi.ts'
import { json, jsonBody, operation, pageLimit, problemResponse } from './parts.ts'
import { history, spanNames } from './stream-history-schemas.ts'
import * as stream from './stream-schemas.ts'
import * as work from './stream-work-schemas.ts'

type Details = Omit<Parameters<typeof operation>[3], 'tags'>
const tags = ['stream']
const reads = (details: Details): Operation => operation('stream-admin', scopes.streamRead, 0, { ...details, tags })
const changes = (details: Details): Operation =>
  operation('stream-admin', scopes.streamWrite, limits.jsonBodyBytes, { ...details, tags })

const named = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', minLength: 1, maxLength: 249 },
})
const query = (name: string, description: string, schema: object): Parameter => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
})
const topic = named('topic', "The topic's name")
const group = named('group', "The consumer group's id")
const trigger = named('trigger', "The trigger's name")
const image = named('id', "The image's id")
const noTopic = { 404: problemResponse('There is no such topic') }
const noTrigger = { 404: problemResponse('There is no such trigger') }
const noGroup = { 404: problemResponse('There is no such group or topic') }

export const streamPaths: OpenApiDocument['paths'] = {
  '/stream': {
    get: reads({
      operationId: 'getStream',
      summary: 'Brokers, replicas, lag and rates at a glance',
      responses: { 200: json('The stream as it is now', stream.overview) },
    }),
  },
  '/stream/history': {
    get: reads({
      operationId: 'getStreamHistory',
      summary: 'How the stream was: lag, events a second, quarantine; with a group, its lag by partition',
      parameters: [
        query('span', 'How far back; an hour where it is not given', { type: 'string', enum: [...spanNames] }),
        query('group', 'Also the lag of this group, partition by partition', { type: 'string', maxLength: 249 }),
      ],
      responses: { 200: json('The points, oldest first', history) },
    }),
  },
  '/stream/topics': {
    get: reads({
      operationId: 'listTopics',
      summary: 'All topics with their consumers and rates',
      responses: { 200: json('The topics', stream.topicPage) },
    }),
    post: changes({
      operationId: 'createTopic',
      summary: 'Create a topic, or see with dry_run whether the brokers would',
      requestBody: jsonBody(stream.newTopic),
      responses: {
        200: json('It would be created', stream.topicChanged),
        201: json('It has been created', stream.topicChanged),
        409: problemResponse('There is such a topic already'),
        422: problemResponse('The brokers refuse a value'),
      },
    }),
  },
  '/stream/topics/{topic}': {
    get: reads({
      operationId: 'getTopic',
      summary: 'Partitions, offsets, sizes and settings of a topic',
      parameters: [topic],
      responses: { 200: json('The topic', stream.topic), ...noTopic },
    }),
    patch: changes({
      operationId: 'changeTopic',
      summary: 'Change settings, leaving all others as they are, or add partitions',
      parameters: [topic],
      requestBody: jsonBody(stream.topicChange),
      responses: {
        200: json('What is different now, or would be', stream.topicChanged),
        ...noTopic,
        409: problemResponse('Somebody else has changed it meanwhile'),
        422: problemResponse('The brokers refuse a value, or it would break the promise of deletion'),
      },
    }),
  },
  '/stream/topics/{topic}/messages': {
    get: reads({
      operationId: 'listMessages',
      summary: 'Records of a topic: the newest, or from an offset or a time on',
      parameters: [
        topic,
        query('partition', 'Only this one', { type: 'integer', minimum: 0 }),
        query('offset', 'Forward from here; needs a partition', { type: 'string', pattern: '^[0-9]{1,19}$' }),
        query('from', 'Forward from this moment, RFC 3339', { type: 'string', maxLength: 40 }),
        query('search', 'Only records that hold this in key, value or headers', { type: 'string', maxLength: 200 }),
        query('cursor', 'The next page, as the page before named it', {
          type: 'string',
          maxLength: consoleLimits.cursorLength,
        }),
        pageLimit,
      ],
      responses: { 200: json('The records, newest first', work.messagePage), ...noTopic },
    }),
  },
  '/stream/groups': {
    get: reads({
      operationId: 'listGroups',
      summary: 'All consumer groups with their lag',
      responses: { 200: json('The groups', stream.groupPage) },
    }),
  },
  '/stream/groups/{group}': {
    get: reads({
      operationId: 'getGroup',
      summary: 'Members and offsets of a consumer group',
      parameters: [group],
      responses: { 200: json('The group', stream.group), ...noGroup },
    }),
  },
  '/stream/groups/{group}/reset': {
    post: changes({
      operationId: 'resetGroup',
      summary: 'Put a group back or forward; its trigger is paused meanwhile',
      parameters: [group],
      requestBody: jsonBody(stream.reset),
      responses: {
        200: json('Where the group stands now, or would', stream.resetDone),
        ...noGroup,
        409: problemResponse('The group is in use, or its trigger is still pausing'),
      },
    }),
  },
  '/stream/quarantine': {
    get: reads({
      operationId: 'listQuarantine',
      summary: 'What could not be processed: why, how often, first and last',
      parameters: [query('code', 'Only this reason', { type: 'string', maxLength: 50 }), pageLimit],
      responses: { 200: json('Newest first', work.quarantinePage) },
    }),
  },
  '/stream/quarantine/redrive': {
    post: changes({
      operationId: 'redriveQuarantine',
      summary: `Send one, some or all back to be processed; at most ${consoleLimits.redriveMost} in a call`,
      requestBody: jsonBody(work.redrive),
      responses: { 200: json('What was sent back, or would be', work.redriven) },
    }),
  },
  '/stream/quarantine/discard': {
    post: changes({
      operationId: 'discardQuarantine',
      summary: 'Take records off the list, with a receipt; they leave Kafka with its retention',
      requestBody: jsonBody(work.discard),
      responses: { 200: json('The receipts', work.discarded) },
    }),
  },
  '/stream/triggers': {
    get: reads({
      operationId: 'listTriggers',
      summary: 'The triggers that feed functions from topics',
      responses: { 200: json('The triggers', work.triggerPage) },
    }),
  },
  '/stream/triggers/{trigger}': {
    get: reads({
      operationId: 'getTrigger',
      summary: 'State and settings of a trigger',
      parameters: [trigger],
      responses: { 200: json('The trigger', work.trigger), ...noTrigger },
    }),
    post: changes({
      operationId: 'changeTrigger',
      summary: 'Pause, resume, or change the settings of a trigger',
      parameters: [trigger],
      requestBody: jsonBody(work.triggerChange),
      responses: {
        200: json('The trigger right after the change', work.trigger),
        ...noTrigger,
        409: problemResponse('Somebody else has changed it meanwhile'),
      },
    }),
  },
  '/stream/images/{id}/reprocess': {
    post: changes({
      operationId: 'reprocessImage',
      summary: 'Have one image processed again; what it has stays until that is done',
      parameters: [image],
      requestBody: jsonBody(work.reprocess),
      responses: {
        200: json('What was done, or would be', work.reprocessed),
        404: problemResponse('There is no such image, or it is gone'),
        409: problemResponse('It cannot be processed again'),
      },
    }),
  },
  '/stream/thumbnails': {
    post: changes({
      operationId: 'showThumbnails',
      summary: 'Short-lived links to thumbnails, for operators and engineers; each look is recorded',
      requestBody: jsonBody(work.thumbnailRequest),
      responses: { 200: json('The links', work.thumbnails) },
    }),
  },
  '/stream/test-event': {
    post: changes({
      operationId: 'sendTestEvent',
      summary: 'Put an event into the topic of images, or see with dry_run what the processor would make of it',
      requestBody: jsonBody(work.testEvent),
      responses: { 200: json('Where it stands, and what becomes of it', work.testEventSent) },
    }),
  },
  '/stream/changes': {
    get: reads({
      operationId: 'listStreamChanges',
      summary: 'Who changed what, and when; newest first',
      parameters: [
        query('of', 'Instead of changes, looks at thumbnails', { type: 'string', enum: ['changes', 'looks'] }),
        pageLimit,
      ],
      responses: { 200: json('The changes', work.changePage) },
    }),
  },
}
