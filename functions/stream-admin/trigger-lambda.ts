/** Triggers as AWS runs them: event source mappings of Lambda. */
import {
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  LambdaClient,
  ResourceConflictException,
  ResourceInUseException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import type { StreamTrigger, StreamTriggerChange } from '../../contract/stream-work-schemas.ts'
import { RequestError, UnavailableError } from '../shared/errors.ts'
import {
  changedSettings,
  definedSettings,
  type TriggerPort,
  type TriggerSettings,
  unknownTrigger,
} from './trigger-port.ts'

/** AWS answers this where no window is set: its default for Kafka. */
const defaultWindowMs = 500

/** @param ids of the mappings, by the triggers' names */
export function lambdaTriggers(
  ids: ReadonlyMap<string, string>,
  client: Pick<LambdaClient, 'send'> = new LambdaClient({}),
): TriggerPort {
  const idOf = (name: string): string => {
    const id = ids.get(name)
    if (!id) throw unknownTrigger(name)
    return id
  }
  const get = async (name: string) => {
    const UUID = idOf(name)
    return viewOf(name, await ask(() => client.send(new GetEventSourceMappingCommand({ UUID }))))
  }
  return {
    list: () => Promise.all([...ids.keys()].map(get)),
    get,
    async change(name, changes) {
      const update = new UpdateEventSourceMappingCommand({ UUID: idOf(name), ...awsChange(changes) })
      return viewOf(name, await ask(() => client.send(update)))
    },
  }
}

async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof ResourceConflictException || cause instanceof ResourceInUseException) {
      throw new RequestError(409, 'trigger-busy', 'AWS is still carrying out the change before', {
        cause,
        hint: 'Wait until the trigger is Enabled or Disabled, then try again.',
      })
    }
    if (cause instanceof Error && cause.name === 'InvalidParameterValueException') {
      throw new RequestError(400, 'invalid-change', cause.message, { cause })
    }
    throw new UnavailableError('triggers-unavailable', 'AWS Lambda did not answer', { cause })
  }
}

function awsChange(change: StreamTriggerChange) {
  const { batch_window_ms: window, report_batch_item_failures: report, maximum_pollers: pollers } = change
  if (window !== undefined && window % 1000 !== 0) {
    throw new RequestError(400, 'invalid-change', 'batch_window_ms: AWS takes whole seconds')
  }
  return {
    Enabled: change.enabled,
    BatchSize: change.batch_size,
    MaximumBatchingWindowInSeconds: window === undefined ? undefined : window / 1000,
    MaximumRetryAttempts: change.maximum_retry_attempts,
    MaximumRecordAgeInSeconds: change.maximum_record_age_seconds,
    BisectBatchOnFunctionError: change.bisect_batch_on_function_error,
    ...(report !== undefined && {
      FunctionResponseTypes: report ? (['ReportBatchItemFailures'] as const).slice() : [],
    }),
    ...(pollers !== undefined && { ProvisionedPollerConfig: { MaximumPollers: pollers } }),
  }
}

function viewOf(name: string, mapping: EventSourceMappingConfiguration): StreamTrigger {
  const seconds = mapping.MaximumBatchingWindowInSeconds
  const settings: TriggerSettings = {
    batch_size: mapping.BatchSize ?? definedSettings.batch_size,
    batch_window_ms: seconds === undefined ? defaultWindowMs : seconds * 1000,
    maximum_retry_attempts: mapping.MaximumRetryAttempts ?? -1,
    maximum_record_age_seconds: mapping.MaximumRecordAgeInSeconds ?? -1,
    bisect_batch_on_function_error: mapping.BisectBatchOnFunctionError ?? false,
    report_batch_item_failures: mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    maximum_pollers: mapping.ProvisionedPollerConfig?.MaximumPollers ?? definedSettings.maximum_pollers,
  }
  const result = mapping.LastProcessingResult
  return {
    name,
    state: mapping.State ?? 'Unknown',
    topic: mapping.Topics?.[0] ?? '',
    consumer_group: mapping.AmazonManagedKafkaEventSourceConfig?.ConsumerGroupId ?? '',
    function: mapping.FunctionArn?.split(':')[6] ?? '',
    settings,
    changed: changedSettings(settings),
    ...(result && !/^(OK|No records processed)$/i.test(result) && { last_error: result }),
  }
}
