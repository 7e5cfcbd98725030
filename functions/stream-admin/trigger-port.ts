/** Triggers as the console sees them, whoever runs them. */
import type { StreamTrigger, StreamTriggerChange } from '../../contract/stream-work-schemas.ts'
import { processTrigger } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'

export type TriggerPort = {
  list(): Promise<StreamTrigger[]>
  /** @throws RequestError 404 where there is no such trigger */
  get(name: string): Promise<StreamTrigger>
  /** @returns the trigger right after the change; pausing may still be going on then */
  change(name: string, changes: Omit<StreamTriggerChange, 'expected'>): Promise<StreamTrigger>
}

export type TriggerSettings = StreamTrigger['settings']

/** As the platform defines the processor's trigger. */
export const definedSettings: TriggerSettings = {
  batch_size: processTrigger.batchSize,
  batch_window_ms: processTrigger.batchWindowMs,
  maximum_retry_attempts: processTrigger.maximumRetryAttempts,
  maximum_record_age_seconds: processTrigger.maximumRecordAgeSeconds,
  bisect_batch_on_function_error: processTrigger.bisectBatchOnFunctionError,
  report_batch_item_failures: processTrigger.reportBatchItemFailures,
  maximum_pollers: processTrigger.pollers.maximum,
}

export const changedSettings = (settings: TriggerSettings): string[] =>
  (Object.keys(definedSettings) as (keyof TriggerSettings)[]).filter((name) => settings[name] !== definedSettings[name])

export const unknownTrigger = (name: string) => new RequestError(404, 'unknown-trigger', `There is no trigger ${name}`)
