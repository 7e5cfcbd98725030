/** Topics and their settings, ensured by a small function that every deployment with a change calls. */
import { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation/index.js'
import { Construct } from 'constructs'
import type { StreamConfig } from '../../environments.ts'
import { type TopicDefinition, topics } from '../../platform.ts'
import type { Cluster } from './cluster.ts'
import { type FunctionNetwork, PlatformFunction } from './function.ts'
import type { EncryptionKey } from './key.ts'
import type { PlatformStack } from './platform-stack.ts'

export type TopicsProps = {
  readonly cluster: Cluster
  readonly network: FunctionNetwork
  readonly logKey: EncryptionKey
}

export class Topics extends Construct {
  constructor(stack: PlatformStack, id: string, { cluster, network, logKey }: TopicsProps) {
    super(stack, id)
    const all = Object.values(topics)
    const ensure = new PlatformFunction(stack, {
      name: 'topics',
      logKey,
      network,
      environment: (grantee) => cluster.grantAdminister(grantee, all),
    })
    // A change of the definitions is a change of the input, upon which Terraform calls the function again.
    new LambdaInvocation(this, 'ensure', {
      functionName: ensure.functionName,
      input: JSON.stringify({ topics: all.map((topic) => settable(topic, cluster.kind)) }),
    })
  }
}

/**
 * Settings that the kind of cluster lets its users set (MSK Developer Guide: "Configuration properties for MSK
 * Serverless clusters", "Topic-level configurations on Express Brokers"). Both roll segments by themselves and keep
 * `min.insync.replicas` at 2.
 */
const settableByUsers = new Set(['cleanup.policy', 'max.message.bytes', 'message.timestamp.type', 'retention.ms'])

/** The definition without the settings that this kind of cluster keeps to itself. */
export const settable = (topic: TopicDefinition, kind: StreamConfig['kind']): TopicDefinition =>
  kind === 'standard'
    ? topic
    : {
        ...topic,
        settings: Object.fromEntries(Object.entries(topic.settings).filter(([name]) => settableByUsers.has(name))),
      }
