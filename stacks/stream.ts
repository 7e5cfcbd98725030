/** The Kafka cluster and its topics. */
import type { Construct } from 'constructs'
import { Cluster } from './constructs/cluster.ts'
import { EncryptionKey } from './constructs/key.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { Topics } from './constructs/topics.ts'
import type { FoundationStack } from './foundation.ts'
import type { NetworkStack } from './network.ts'

export class StreamStack extends PlatformStack {
  readonly cluster: Cluster

  constructor(
    scope: Construct,
    { foundation, network }: { readonly foundation: FoundationStack; readonly network: NetworkStack },
  ) {
    super(scope, 'stream', foundation.config)
    const { logKey } = foundation
    this.cluster = new Cluster(this, 'cluster', {
      stream: this.config.stream,
      subnetIds: network.vpc.subnetIds,
      securityGroupIds: [network.groups.brokers],
      key: new EncryptionKey(this, 'key', { name: 'stream', purpose: 'Events on the disks of the brokers' }),
      logKey,
    })
    new Topics(this, 'topics', { cluster: this.cluster, network: network.forFunctions, logKey })
  }
}
