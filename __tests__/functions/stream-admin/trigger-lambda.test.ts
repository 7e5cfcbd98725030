import {
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  type LambdaClient,
  ResourceInUseException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import { describe, expect, it } from 'vitest'
import { trigger } from '../../../contract/stream-work-schemas.ts'
import { createTriggerPort } from '../../../functions/stream-admin/trigger-control.ts'
import { lambdaTriggers } from '../../../functions/stream-admin/trigger-lambda.ts'
import { processTrigger } from '../../../platform.ts'

const mapping: EventSourceMappingConfiguration = {
  UUID: 'id-1',
  State: 'Enabled',
  Topics: ['images'],
  FunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:darkroom-dev-process',
  AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: processTrigger.consumerGroup },
  BatchSize: 10,
  MaximumBatchingWindowInSeconds: 0,
  MaximumRetryAttempts: 3,
  MaximumRecordAgeInSeconds: -1,
  BisectBatchOnFunctionError: true,
  FunctionResponseTypes: ['ReportBatchItemFailures'],
  ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 4 },
  LastProcessingResult: 'OK',
}

/** A stand-in for Lambda's API: keeps what was asked, and answers with the mapping or an error. */
function lambdaMock(answer: EventSourceMappingConfiguration | Error = mapping) {
  const asked: unknown[] = []
  const send = async (command: unknown) => {
    asked.push(command)
    if (answer instanceof Error) throw answer
    return answer
  }
  return { asked, client: { send } as unknown as Pick<LambdaClient, 'send'> }
}
const ids = new Map([['process', 'id-1']])

describe('event source mappings', () => {
  it('are shown in the words of the contract', async () => {
    const { client, asked } = lambdaMock()
    const [view] = await lambdaTriggers(ids, client).list()
    expect(trigger.parse(view)).toEqual(view)
    expect(view).toMatchObject({
      name: 'process',
      state: 'Enabled',
      topic: 'images',
      function: 'darkroom-dev-process',
      changed: ['maximum_retry_attempts', 'maximum_record_age_seconds'],
    })
    expect(asked[0]).toBeInstanceOf(GetEventSourceMappingCommand)
  })

  it('are paused, and changed only in what is named', async () => {
    const { client, asked } = lambdaMock({ ...mapping, State: 'Disabling' })
    expect((await lambdaTriggers(ids, client).change('process', { enabled: false })).state).toBe('Disabling')
    const command = asked[0] as UpdateEventSourceMappingCommand
    expect(command).toBeInstanceOf(UpdateEventSourceMappingCommand)
    expect(JSON.parse(JSON.stringify(command.input))).toEqual({ UUID: 'id-1', Enabled: false })
  })

  it('take windows of whole seconds only', async () => {
    const { client, asked } = lambdaMock()
    const triggers = lambdaTriggers(ids, client)
    await expect(triggers.change('process', { batch_window_ms: 700 })).rejects.toMatchObject({ status: 400 })
    expect(asked).toEqual([])
    await triggers.change('process', { batch_window_ms: 2_000 })
    expect((asked[0] as UpdateEventSourceMappingCommand).input.MaximumBatchingWindowInSeconds).toBe(2)
  })

  it('answer 404 for a name that is none, 409 while AWS is busy, 503 where it does not answer', async () => {
    const failing = (error: Error) => lambdaTriggers(ids, lambdaMock(error).client).get('process')
    await expect(lambdaTriggers(ids, lambdaMock().client).get('other')).rejects.toMatchObject({ status: 404 })
    const busy = new ResourceInUseException({ message: 'in use', $metadata: {} })
    await expect(failing(busy)).rejects.toMatchObject({ status: 409, code: 'trigger-busy' })
    await expect(failing(new Error('no route'))).rejects.toMatchObject({ status: 503 })
  })
})

it('the variable says whose triggers they are', () => {
  expect(() => createTriggerPort('carrier-pigeon:/x')).toThrow('TRIGGER_CONTROL')
  expect(createTriggerPort('unix:/tmp/none.sock')).toHaveProperty('change')
})
