/**
 * An event source mapping that feeds a function from a topic. AWS's defaults retry for ever, so that one bad record
 * would stall its partition: every argument comes from the trigger's definition, on purpose.
 */
import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping/index.js'
import { Construct } from 'constructs'
import { type processTrigger, topics } from '../../platform.ts'
import type { Cluster } from './cluster.ts'
import type { PlatformFunction } from './function.ts'
import type { FailuresBucket } from './lake-bucket.ts'
import type { PlatformStack } from './platform-stack.ts'
import type { Grantee } from './policy.ts'

type Widened<T> = T extends number ? number : T extends boolean ? boolean : T extends string ? string : T
/** As `platform.ts` defines the processor's; another consumer's has the same parts. */
export type TriggerDefinition = {
  readonly [K in keyof typeof processTrigger]: K extends 'pollers'
    ? { readonly minimum: number; readonly maximum: number }
    : Widened<(typeof processTrigger)[K]>
}

export type KafkaTriggerProps = {
  readonly definition: TriggerDefinition
  readonly cluster: Cluster
  readonly target: PlatformFunction
  /** Where whole batches go that were given up on. */
  readonly failures: FailuresBucket
}

export class KafkaTrigger extends Construct {
  /** The mapping's id, by which it is paused and resumed. */
  readonly mappingId: string
  readonly #mappingArn: string
  readonly #name: string

  constructor(stack: PlatformStack, id: string, { definition, cluster, target, failures }: KafkaTriggerProps) {
    super(stack, id)
    const topic = Object.values(topics).find(({ name }) => name === definition.topic)
    if (!topic) throw new Error(`The trigger ${id} names the topic ${definition.topic}, which is not defined`)
    cluster.grantConsume(target, topic, definition.consumerGroup)
    failures.grantWrite(target)
    const mapping = new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: cluster.arn,
      functionName: target.arn,
      topics: [topic.name],
      startingPosition: definition.startingPosition,
      // Otherwise the lag would be under a random group.
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: definition.consumerGroup },
      batchSize: definition.batchSize,
      maximumBatchingWindowInSeconds: Math.ceil(definition.batchWindowMs / 1000),
      maximumRetryAttempts: definition.maximumRetryAttempts,
      maximumRecordAgeInSeconds: definition.maximumRecordAgeSeconds,
      bisectBatchOnFunctionError: definition.bisectBatchOnFunctionError,
      ...(definition.reportBatchItemFailures && { functionResponseTypes: ['ReportBatchItemFailures'] }),
      destinationConfig: { onFailure: { destinationArn: failures.arn } },
      // Pollers of our own: AWS takes the limits on retries and age only with them, and they are there at once.
      provisionedPollerConfig: {
        minimumPollers: definition.pollers.minimum,
        maximumPollers: definition.pollers.maximum,
      },
    })
    this.mappingId = mapping.uuid
    this.#mappingArn = mapping.arn
    this.#name = target.name
  }

  /** @returns the variable by which the spend breaker finds the trigger */
  grantPause(grantee: Grantee): { TRIGGER_IDS: string } {
    this.#grantUpdate(grantee)
    return { TRIGGER_IDS: this.mappingId }
  }

  /** @returns the variable by which the console finds the trigger, under its function's name */
  grantChange(grantee: Grantee): { TRIGGER_CONTROL: string } {
    this.#grantUpdate(grantee)
    return { TRIGGER_CONTROL: `lambda:${this.#name}=${this.mappingId}` }
  }

  #grantUpdate(grantee: Grantee): void {
    grantee.allow({
      actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      resources: [this.#mappingArn],
    })
  }
}
