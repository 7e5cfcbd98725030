/** A provisioned MSK cluster in KRaft mode, on Standard or Express brokers. */
import { MskCluster } from '@cdktf/provider-aws/lib/msk-cluster/index.js'
import { MskConfiguration } from '@cdktf/provider-aws/lib/msk-configuration/index.js'
import type { Construct } from 'constructs'
import type { StreamConfig } from '../../environments.ts'
import { topics } from '../../platform.ts'
import type { ClusterParts, ClusterProps } from './cluster.ts'
import { LogGroup } from './logs.ts'
import type { PlatformStack } from './platform-stack.ts'

type ProvisionedStream = Exclude<StreamConfig, { kind: 'serverless' }>

export function provisionedCluster(
  scope: Construct,
  stack: PlatformStack,
  { stream, subnetIds, securityGroupIds, key, logKey }: ClusterProps & { readonly stream: ProvisionedStream },
): ClusterParts {
  const name = stack.named('stream')
  const logs = new LogGroup(stack, 'broker-logs', { name: `/darkroom/${name}`, key: logKey })
  const configuration = new MskConfiguration(scope, 'configuration', {
    name,
    description: 'Segments roll well inside of the retention, so that what has expired is deleted in time',
    kafkaVersions: [stream.kafkaVersion],
    serverProperties: serverProperties(stream.kind),
    // A cluster points to a revision: the new one must stand before the old one can go.
    lifecycle: { createBeforeDestroy: true },
  })
  const cluster = new MskCluster(scope, 'cluster', {
    clusterName: name,
    kafkaVersion: stream.kafkaVersion,
    numberOfBrokerNodes: stream.brokers,
    brokerNodeGroupInfo: {
      instanceType: stream.instanceType,
      clientSubnets: [...subnetIds],
      securityGroups: [...securityGroupIds],
      connectivityInfo: { publicAccess: { type: 'DISABLED' } },
      // Express brokers bring their own storage.
      ...(stream.kind === 'standard' && { storageInfo: { ebsStorageInfo: { volumeSize: stream.storageGiB } } }),
    },
    configurationInfo: { arn: configuration.arn, revision: configuration.latestRevision },
    clientAuthentication: { sasl: { iam: true, scram: false }, unauthenticated: false },
    encryptionInfo: {
      encryptionAtRestKmsKeyArn: key.arn,
      encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
    },
    // Express always reports per broker; on Standard this costs nothing beyond the default.
    enhancedMonitoring: stream.kind === 'standard' ? 'PER_BROKER' : 'DEFAULT',
    loggingInfo: { brokerLogs: { cloudwatchLogs: { enabled: true, logGroup: logs.name } } },
    lifecycle: { preventDestroy: stack.config.protectData },
  })
  return { arn: cluster.arn, name, uuid: cluster.clusterUuid, brokers: cluster.bootstrapBrokersSaslIam }
}

/** The longest of a setting over all topics, so that a topic without settings of its own is bounded too. */
const longest = (setting: 'retention.ms' | 'segment.ms'): number =>
  Math.max(...Object.values(topics).map(({ settings }) => Number(settings[setting])))

/**
 * @returns the brokers' properties, one a line. Express brokers take few of them from a file (MSK Developer Guide,
 * "Static configurations on MSK Express brokers") and are safe by themselves in the others.
 */
export function serverProperties(kind: ProvisionedStream['kind']): string {
  const shared = {
    // Topics come from the one definition; a misspelt name must fail.
    'auto.create.topics.enable': 'false',
  }
  const standard = {
    'log.retention.ms': String(longest('retention.ms')),
    'log.roll.ms': String(longest('segment.ms')),
    'log.message.timestamp.type': topics.images.settings['message.timestamp.type'],
    'default.replication.factor': String(topics.images.replicationFactor),
    'min.insync.replicas': topics.images.settings['min.insync.replicas'],
    'unclean.leader.election.enable': 'false',
  }
  const properties = kind === 'standard' ? { ...shared, ...standard } : shared
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}
