/** The Kafka cluster, of whichever kind the environment chooses; clients sign in with their IAM role only. */
import { MskServerlessCluster } from '@cdktf/provider-aws/lib/msk-serverless-cluster/index.js'
import { Construct } from 'constructs'
import type { StreamConfig } from '../../environments.ts'
import type { kafkaVariables } from '../../functions/shared/env.ts'
import type { TopicDefinition } from '../../platform.ts'
import type { EncryptionKey } from './key.ts'
import type { PlatformStack } from './platform-stack.ts'
import type { Grantee } from './policy.ts'
import { provisionedCluster } from './provisioned-cluster.ts'

export type ClusterProps = {
  readonly stream: StreamConfig
  readonly subnetIds: readonly string[]
  readonly securityGroupIds: readonly string[]
  readonly key: EncryptionKey
  readonly logKey: EncryptionKey
}

/** What every kind of cluster offers. */
export type ClusterParts = {
  readonly arn: string
  readonly name: string
  /** The last part of the ARN, which tells clusters of one name apart. */
  readonly uuid: string
  readonly brokers: string
}

type KafkaVariables = Record<(typeof kafkaVariables)[number], string>
type Topic = Pick<TopicDefinition, 'name'>

export class Cluster extends Construct {
  readonly arn: string
  readonly name: string
  /** Comma-separated host:port of the IAM listener. */
  readonly brokers: string
  readonly kind: StreamConfig['kind']
  readonly #uuid: string
  readonly #stack: PlatformStack

  constructor(stack: PlatformStack, id: string, props: ClusterProps) {
    super(stack, id)
    const { stream } = props
    const parts =
      stream.kind === 'serverless'
        ? serverlessCluster(this, stack, props)
        : provisionedCluster(this, stack, { ...props, stream })
    this.arn = parts.arn
    this.name = parts.name
    this.brokers = parts.brokers
    this.kind = stream.kind
    this.#uuid = parts.uuid
    this.#stack = stack
  }

  /** Publishing to these topics, and nothing else. */
  grantPublish(grantee: Grantee, topics: readonly Topic[]): KafkaVariables {
    this.#grantConnect(grantee)
    grantee.allow({
      actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
      resources: topics.map(({ name }) => this.#part('topic', name)),
    })
    return this.#variables()
  }

  /** Reading a topic as one consumer group; for the function whose role the trigger takes on. */
  grantConsume(grantee: Grantee, topic: Topic, consumerGroup: string): void {
    this.#grantConnect(grantee)
    grantee.allow(
      {
        actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
        resources: [this.#part('topic', topic.name)],
      },
      {
        actions: ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
        resources: [this.#part('group', consumerGroup)],
      },
      {
        actions: ['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'],
        resources: [this.arn],
      },
      {
        // The trigger's own interfaces in the VPC; AWS lets nobody name a resource for these.
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeSubnets',
          'ec2:DescribeVpcs',
        ],
        resources: ['*'],
      },
    )
  }

  /** Creating these topics and setting what they are set to; their records stay out of reach. */
  grantAdminister(grantee: Grantee, topics: readonly Topic[]): KafkaVariables {
    this.#grantConnect(grantee)
    grantee.allow({
      actions: [
        'CreateTopic',
        'DescribeTopic',
        'AlterTopic',
        'DescribeTopicDynamicConfiguration',
        'AlterTopicDynamicConfiguration',
      ].map((action) => `kafka-cluster:${action}`),
      resources: topics.map(({ name }) => this.#part('topic', name)),
    })
    return this.#variables()
  }

  /**
   * Managing the stream from the console: all topics and groups of this cluster may be seen, their settings, partitions
   * and offsets changed, and records read. Nothing may be deleted.
   */
  grantManage(grantee: Grantee): KafkaVariables {
    this.#grantConnect(grantee)
    const allow = (kind: 'topic' | 'group', actions: readonly string[]) =>
      grantee.allow({
        actions: actions.map((action) => `kafka-cluster:${action}`),
        resources: [this.#part(kind, '*')],
      })
    allow('topic', [
      'CreateTopic',
      'DescribeTopic',
      'AlterTopic',
      'DescribeTopicDynamicConfiguration',
      'AlterTopicDynamicConfiguration',
      'ReadData',
    ])
    allow('group', ['DescribeGroup', 'AlterGroup'])
    return this.#variables()
  }

  /** Looking at topics, groups and how far they are; neither their records nor a change. */
  grantWatch(grantee: Grantee): KafkaVariables {
    this.#grantConnect(grantee)
    grantee.allow(
      { actions: ['kafka-cluster:DescribeTopic'], resources: [this.#part('topic', '*')] },
      { actions: ['kafka-cluster:DescribeGroup'], resources: [this.#part('group', '*')] },
    )
    return this.#variables()
  }

  #variables(): KafkaVariables {
    return { KAFKA_BROKERS: this.brokers, KAFKA_AUTH: 'iam' }
  }

  #grantConnect(grantee: Grantee): void {
    grantee.allow({
      actions: [
        'kafka-cluster:Connect',
        'kafka-cluster:DescribeCluster',
        'kafka-cluster:DescribeClusterDynamicConfiguration',
      ],
      resources: [this.arn],
    })
  }

  /** Topics and groups have ARNs beside the cluster's: `…:topic/<cluster>/<uuid>/<topic>`. */
  #part(kind: 'topic' | 'group', name: string): string {
    return this.#stack.arn('kafka', `${kind}/${this.name}/${this.#uuid}/${name}`)
  }
}

/** AWS runs it whole: no brokers to size, no logs, no configuration. Encryption with a key of its own. */
function serverlessCluster(
  scope: Construct,
  stack: PlatformStack,
  { subnetIds, securityGroupIds }: ClusterProps,
): ClusterParts {
  const name = stack.named('stream')
  const cluster = new MskServerlessCluster(scope, 'serverless', {
    clusterName: name,
    vpcConfig: [{ subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] }],
    clientAuthentication: { sasl: { iam: { enabled: true } } },
    lifecycle: { preventDestroy: stack.config.protectData },
  })
  return { arn: cluster.arn, name, uuid: cluster.clusterUuid, brokers: cluster.bootstrapBrokersSaslIam }
}
