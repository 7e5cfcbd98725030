/** The stream: segments roll inside the retention, brokers take only whom they know, and what is acknowledged stays. */
import { retention, type TopicDefinition } from '../../platform.ts'
import { block, type Infrastructure, type Resource, refersTo } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'

const hours = (milliseconds: number) => `${milliseconds / 3_600_000} h`
const kafkaDocs = 'Apache Kafka documentation, "Topic configs" (segments are deleted whole, when inactive and expired)'
const mskGuide = 'Amazon MSK Developer Guide'

/** Topics that a deployment ensures: the input of the function that makes them. */
const topicsOf = ({ args }: Resource): readonly TopicDefinition[] => {
  if (typeof args.input !== 'string' || !args.input.includes('"topics"')) return []
  return JSON.parse(args.input).topics
}

/** Serverless and Express roll segments by themselves and do not let one say when. */
const rollsByItself = (all: Infrastructure) =>
  all.all('aws_msk_serverless_cluster').length > 0 || all.all('aws_msk_cluster').some((cluster) => isExpress(cluster))
const isExpress = ({ args }: Resource) =>
  String(block(args.broker_node_group_info).instance_type).startsWith('express.')

const eachTopic = (ensured: Resource, wrong: (topic: TopicDefinition) => string | false | undefined) =>
  topicsOf(ensured).map((topic) => {
    const sentence = wrong(topic)
    return sentence && `the topic ${topic.name} ${sentence}`
  })

const propertiesOf = ({ args }: Resource): Record<string, string> =>
  Object.fromEntries(
    String(args.server_properties ?? '')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => line.split('=', 2).map((part) => part.trim())),
  )
const configuresExpress = (configuration: Resource, all: Infrastructure) =>
  all
    .all('aws_msk_cluster')
    .some((cluster) => refersTo(cluster.args.configuration_info, configuration) && isExpress(cluster))

export const kafkaRules: readonly Rule[] = [
  {
    id: 'kafka/topic-forgets',
    title: 'Every topic forgets before the promise ends',
    severity: 'high',
    why: 'A record lives for the retention and the roll of its segment; both together must stay below seven days.',
    source: kafkaDocs,
    fix: 'Lower retention.ms or segment.ms in platform.ts, "topics"',
    applies: ['aws_lambda_invocation'],
    check: (ensured, all) =>
      eachTopic(ensured, ({ settings }) => {
        const kept = Number(settings['retention.ms'] ?? Number.NaN)
        if (!(kept > 0)) return 'says nothing about its retention, or keeps records for ever'
        const roll = rollsByItself(all) ? 0 : Number(settings['segment.ms'] ?? 7 * 86_400_000)
        return kept + roll >= retention.images && `keeps records for up to ${hours(kept + roll)}`
      }),
  },
  {
    id: 'kafka/segments-roll',
    title: 'Segments roll well inside the retention',
    severity: 'high',
    why: 'An active segment is never deleted: with Kafka’s roll of seven days, three days of retention become ten.',
    source: kafkaDocs,
    fix: 'Set segment.ms to a quarter of retention.ms or less',
    applies: ['aws_lambda_invocation'],
    check: (ensured, all) =>
      rollsByItself(all)
        ? undefined
        : eachTopic(ensured, ({ settings }) => {
            const roll = Number(settings['segment.ms'] ?? 7 * 86_400_000)
            return roll > Number(settings['retention.ms']) / 4 && `rolls its segments only every ${hours(roll)}`
          }),
  },
  {
    id: 'kafka/topic-deletes',
    title: 'Topics delete, and do not compact',
    severity: 'high',
    why: 'Compaction keeps the last record of every key for ever, and the key is the image.',
    source: kafkaDocs,
    fix: 'Set cleanup.policy to delete',
    applies: ['aws_lambda_invocation'],
    check: (ensured) =>
      eachTopic(
        ensured,
        ({ settings }) => settings['cleanup.policy'] !== 'delete' && 'does not have cleanup.policy delete',
      ),
  },
  {
    id: 'kafka/brokers-clock',
    title: 'A record’s age is counted by the broker’s clock',
    severity: 'medium',
    why: 'A producer whose clock is ahead would keep its segment from being deleted.',
    source: 'Apache Kafka documentation, message.timestamp.type',
    fix: 'Set message.timestamp.type to LogAppendTime',
    applies: ['aws_lambda_invocation'],
    check: (ensured) =>
      eachTopic(
        ensured,
        ({ settings }) => settings['message.timestamp.type'] !== 'LogAppendTime' && 'believes the producers’ clocks',
      ),
  },
  {
    id: 'kafka/acknowledged-is-durable',
    title: 'What is acknowledged lies on two brokers',
    severity: 'high',
    why: 'With one copy, the loss of a broker is the loss of events that were acknowledged.',
    source: 'Apache Kafka documentation, min.insync.replicas',
    fix: 'Set three copies, and min.insync.replicas to 2',
    applies: ['aws_lambda_invocation'],
    check: (ensured, all) =>
      eachTopic(ensured, ({ replicationFactor, settings }) => {
        if (replicationFactor < 3) return `has ${replicationFactor} copies only`
        return (
          !rollsByItself(all) && Number(settings['min.insync.replicas'] ?? 1) < 2 && 'is acknowledged by one broker'
        )
      }),
  },
  {
    id: 'kafka/defaults-forget',
    title: 'Topics without settings of their own forget too',
    severity: 'medium',
    why: 'The brokers’ defaults hold for every topic that somebody makes by hand.',
    source: `${mskGuide}, "Default Amazon MSK configuration"`,
    fix: 'Set log.retention.ms and log.roll.ms in the cluster’s configuration',
    applies: ['aws_msk_configuration'],
    check: (configuration, all) => {
      if (configuresExpress(configuration, all)) return undefined
      const properties = propertiesOf(configuration)
      const kept = Number(properties['log.retention.ms'] ?? Number.NaN)
      const roll = Number(properties['log.roll.ms'] ?? Number.NaN)
      return !(kept + roll < retention.images) && 'keeps records of other topics for seven days or longer'
    },
  },
  {
    id: 'kafka/no-topics-by-accident',
    title: 'No topic comes into being by being named',
    severity: 'medium',
    why: 'A typing error would make a topic with settings that nobody chose.',
    source: 'Apache Kafka documentation, auto.create.topics.enable',
    fix: 'Set auto.create.topics.enable=false in the cluster’s configuration',
    applies: ['aws_msk_configuration'],
    check: (configuration) =>
      propertiesOf(configuration)['auto.create.topics.enable'] === 'true' && 'makes topics when they are named',
  },
  {
    id: 'kafka/no-unclean-leaders',
    title: 'A broker that has missed records never leads',
    severity: 'medium',
    why: 'It would throw away events that were acknowledged.',
    source: 'Apache Kafka documentation, unclean.leader.election.enable',
    fix: 'Set unclean.leader.election.enable=false in the cluster’s configuration',
    applies: ['aws_msk_configuration'],
    check: (configuration, all) =>
      !configuresExpress(configuration, all) &&
      propertiesOf(configuration)['unclean.leader.election.enable'] !== 'false' &&
      'lets a broker lead that has missed records',
  },
  {
    id: 'kafka/no-second-tier',
    title: 'No second tier of storage',
    severity: 'high',
    why: 'It keeps segments in S3 after the brokers have deleted theirs.',
    source: `${mskGuide}, "Tiered storage for Standard brokers"`,
    fix: 'Set storage_mode to LOCAL',
    applies: ['aws_msk_cluster'],
    check: ({ args }) => args.storage_mode === 'TIERED' && 'moves segments to a second tier',
  },
  {
    id: 'kafka/clients-are-known',
    title: 'Clients sign in with their IAM role, and nobody else comes in',
    severity: 'high',
    why: 'Permissions on topics are IAM’s; a password or no sign-in at all goes round them.',
    source: `${mskGuide}, "Authentication and authorization for Apache Kafka APIs"`,
    fix: 'client_authentication: sasl.iam, and unauthenticated = false',
    applies: ['aws_msk_cluster', 'aws_msk_serverless_cluster'],
    check: ({ type, args }) => {
      const authentication = block(args.client_authentication)
      const { iam, scram } = block(authentication.sasl)
      if (type === 'aws_msk_serverless_cluster') return block(iam).enabled !== true && 'does not sign clients in by IAM'
      return [
        iam !== true && 'does not sign clients in by IAM',
        scram === true && 'takes passwords',
        authentication.unauthenticated === true && 'lets clients in that do not sign in',
      ]
    },
  },
  {
    id: 'kafka/encrypted-on-the-way',
    title: 'Records are encrypted on their way',
    severity: 'high',
    why: 'Events and tokens would cross the network in clear.',
    source: `${mskGuide}, "Amazon MSK encryption in transit"`,
    fix: 'encryption_in_transit: client_broker = TLS, in_cluster = true',
    applies: ['aws_msk_cluster'],
    check: ({ args }) => {
      const transit = block(block(args.encryption_info).encryption_in_transit)
      return [
        (transit.client_broker ?? 'TLS') !== 'TLS' && `speaks ${transit.client_broker} to its clients`,
        transit.in_cluster === false && 'does not encrypt between brokers',
      ]
    },
  },
  {
    id: 'kafka/encrypted-on-disk',
    title: 'Topics are encrypted with a key of ours',
    severity: 'high',
    why: 'With AWS’s own key nobody but AWS can say who may read the disks.',
    source: `${mskGuide}, "Amazon MSK encryption at rest"`,
    fix: 'Set encryption_info.encryption_at_rest_kms_key_arn',
    applies: ['aws_msk_cluster'],
    check: ({ args }) =>
      !block(args.encryption_info).encryption_at_rest_kms_key_arn && 'is not encrypted with a key of ours',
  },
  {
    id: 'kafka/brokers-log',
    title: 'Brokers write a log',
    severity: 'low',
    why: 'Without it nobody can say why a client was refused.',
    source: `${mskGuide}, "MSK logging"`,
    fix: 'logging_info.broker_logs.cloudwatch_logs with a group of ours',
    applies: ['aws_msk_cluster'],
    check: ({ args }) =>
      block(block(block(args.logging_info).broker_logs).cloudwatch_logs).enabled !== true && 'writes no log',
  },
]
