/** A topic that alarms and budgets publish to, and the people or functions that hear of it. */
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic/index.js'
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy/index.js'
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription/index.js'
import { Construct } from 'constructs'
import type { PlatformFunction } from './function.ts'
import type { EncryptionKey } from './key.ts'
import type { PlatformStack } from './platform-stack.ts'
import { policyDocument } from './policy.ts'

export type AlarmTopicProps = {
  readonly name: string
  readonly key: EncryptionKey
  /** AWS services that may publish, for this account only. */
  readonly publishers: readonly string[]
  readonly email?: string | undefined
}

export class AlarmTopic extends Construct {
  readonly arn: string

  constructor(stack: PlatformStack, id: string, { name, key, publishers, email }: AlarmTopicProps) {
    super(stack, id)
    const topic = new SnsTopic(this, 'topic', { name: stack.named(name), kmsMasterKeyId: key.arn })
    this.arn = topic.arn
    new SnsTopicPolicy(this, 'policy', {
      arn: topic.arn,
      policy: policyDocument(
        publishers.map((service) => ({
          sid: `Publish${service.replaceAll(/[^a-z]/g, '')}`,
          principals: { Service: service },
          actions: ['sns:Publish'],
          resources: [topic.arn],
          conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
        })),
      ),
    })
    if (email) new SnsTopicSubscription(this, 'email', { topicArn: topic.arn, protocol: 'email', endpoint: email })
  }

  /** Calls a function with every notice. */
  notify(target: PlatformFunction): void {
    target.allowCallsFrom(target, 'notices', 'sns.amazonaws.com', this.arn)
    new SnsTopicSubscription(this, target.name, { topicArn: this.arn, protocol: 'lambda', endpoint: target.arn })
  }
}
