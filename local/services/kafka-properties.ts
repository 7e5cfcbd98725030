/** The broker's generated files. Names and meanings: Apache Kafka 4.1, "Broker Configs". */
import type { LocalConfig } from '../../config.ts'

/**
 * A single node on loopback: everything that a cluster keeps three times is kept once, and everything that waits for
 * more members does not wait. A broker flushes to the page cache, as in production, so an acknowledged record survives
 * the broker's SIGKILL (not the machine's power: a cluster's other replicas are what covers that, and there are none).
 * @param storage absolute folder of the partitions
 */
export function serverProperties(ports: LocalConfig['ports'], storage: string): string {
  const broker = `PLAINTEXT://127.0.0.1:${ports.kafka}`
  return toProperties({
    'process.roles': 'broker,controller',
    'node.id': 1,
    // Static voters, because they are read at each start: the port can change between two starts.
    'controller.quorum.voters': `1@127.0.0.1:${ports.kafkaController}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `${broker},CONTROLLER://127.0.0.1:${ports.kafkaController}`,
    'advertised.listeners': broker,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': storage,
    // Topics are made by local/provision, with the settings of platform.ts, or not at all.
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    // 50 by default: that many folders and files to open at each start for a handful of consumer groups.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Nobody else will join while a lone consumer waits.
    'group.initial.rebalance.delay.ms': 0,
    // A killed broker comes back within this, instead of after the default of 9 s.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
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
