/**
 * The event source mapping that feeds the processor. AWS's defaults retry for ever, so that one bad image would stall
 * its partition: every argument comes from `processTrigger`, on purpose.
 */
import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping/index.js'
import { Construct } from 'constructs'
import { processTrigger, topics } from '../../platform.ts'
import type { Cluster } from './cluster.ts'
import type { PlatformFunction } from './function.ts'
import type { FailuresBucket } from './lake-bucket.ts'
import type { PlatformStack } from './platform-stack.ts'
import type { Grantee } from './policy.ts'

export type KafkaTriggerProps = {
  readonly cluster: Cluster
  readonly target: PlatformFunction
  /** Where whole batches go that were given up on. */
  readonly failures: FailuresBucket
}

export class KafkaTrigger extends Construct {
  /** The mapping's id, by which it is paused and resumed. */
  readonly mappingId: string
  readonly #mappingArn: string

  constructor(stack: PlatformStack, id: string, { cluster, target, failures }: KafkaTriggerProps) {
    super(stack, id)
    const topic = Object.values(topics).find(({ name }) => name === processTrigger.topic)
    if (!topic) throw new Error(`processTrigger names the topic ${processTrigger.topic}, which is not defined`)
    cluster.grantConsume(target, topic, processTrigger.consumerGroup)
    failures.grantWrite(target)
    const mapping = new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: cluster.arn,
      functionName: target.arn,
      topics: [topic.name],
      startingPosition: processTrigger.startingPosition,
      // Otherwise the lag would be under a random group.
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: processTrigger.consumerGroup },
      batchSize: processTrigger.batchSize,
      maximumBatchingWindowInSeconds: Math.ceil(processTrigger.batchWindowMs / 1000),
      maximumRetryAttempts: processTrigger.maximumRetryAttempts,
      maximumRecordAgeInSeconds: processTrigger.maximumRecordAgeSeconds,
      bisectBatchOnFunctionError: processTrigger.bisectBatchOnFunctionError,
      ...(processTrigger.reportBatchItemFailures && { functionResponseTypes: ['ReportBatchItemFailures'] }),
      destinationConfig: { onFailure: { destinationArn: failures.arn } },
      // Pollers of our own: AWS takes the limits on retries and age only with them, and they are there at once.
      provisionedPollerConfig: {
        minimumPollers: processTrigger.pollers.minimum,
        maximumPollers: processTrigger.pollers.maximum,
      },
    })
    this.mappingId = mapping.uuid
    this.#mappingArn = mapping.arn
  }

  /** @returns the variable by which the spend breaker finds the trigger */
  grantPause(grantee: Grantee): { TRIGGER_IDS: string } {
    grantee.allow({
      actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      resources: [this.#mappingArn],
    })
    return { TRIGGER_IDS: this.mappingId }
  }
}
