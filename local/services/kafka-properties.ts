/** The broker's generated files. Names and meanings: Apache Kafka 4.1, "Broker Configs". */

/** One node of the cluster, as its own file and those of the others name it. */
export type KafkaNode = { readonly id: number; readonly port: number; readonly controllerPort: number }

/**
 * Nodes on loopback, each broker and controller. A single one keeps once what a cluster keeps three times, and waits
 * for no other members. A broker flushes to the page cache, as in production, so an acknowledged record survives
 * the broker's SIGKILL (not the machine's power: all nodes are on the same machine).
 * @param nodes all of them; @param storage absolute folder of the partitions
 */
export function serverProperties(node: KafkaNode, nodes: readonly KafkaNode[], storage: string): string {
  const broker = `PLAINTEXT://127.0.0.1:${node.port}`
  const copies = nodes.length
  const insync = Math.max(1, copies - 1)
  return toProperties({
    'process.roles': 'broker,controller',
    'node.id': node.id,
    // Static voters, because they are read at each start: the port can change between two starts.
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `${broker},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': broker,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': storage,
    // Topics are made by local/provision, with the settings of platform.ts, or not at all.
    'auto.create.topics.enable': false,
    'default.replication.factor': copies,
    'min.insync.replicas': insync,
    'offsets.topic.replication.factor': copies,
    // 50 by default: that many folders and files to open at each start for a handful of consumer groups.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': insync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': insync,
    // Nobody else will join while a lone consumer waits.
    'group.initial.rebalance.delay.ms': 0,
    // A killed broker comes back within this, instead of after the default of 9 s.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // 5 minutes by default. A look at a handful of partitions costs nothing, and what has expired goes the sooner.
    'log.retention.check.interval.ms': 10_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 4,
    // 128 MB by default, of a heap of 512.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  })
}

/** Warnings and the start's and stop's milestones to standard output, which is the service's log. */
export const loggingProperties = toProperties({
  'appender.console.type': 'Console',
  'appender.console.name': 'console',
  'appender.console.layout.type': 'PatternLayout',
  'appender.console.layout.pattern': "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %c{1} %m%n",
  'rootLogger.level': 'WARN',
  'rootLogger.appenderRef.console.ref': 'console',
  'logger.server.name': 'kafka.server.KafkaRaftServer',
  'logger.server.level': 'INFO',
})

function toProperties(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
