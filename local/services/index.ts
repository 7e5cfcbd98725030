/** Every process of the one-machine platform, and the order in which they come up. */
import type { LocalConfig } from '../../config.ts'
import { provisionBuckets } from '../provision/buckets.ts'
import { provisionTables } from '../provision/tables.ts'
import { provisionTopics } from '../provision/topics.ts'
import type { Tools } from '../setup/tools.ts'
import type { Service, ServiceName } from '../supervisor/service.ts'
import { createDynamodbClient, dynamodbService } from './dynamodb.ts'
import { kafkaNodes, kafkaService } from './kafka.ts'
import { gatewayService, identityService, scheduleService, triggersService } from './node-services.ts'
import { createS3Client, s3Service } from './s3.ts'

export type Part = {
  readonly name: ServiceName
  readonly service: Service
  /** Parts of one group come up together; the next group follows when all of them answer. */
  readonly group: number
  /** Makes buckets, tables or topics in the service once it answers; returns what it changed. */
  readonly provision?: () => Promise<string[]>
  /** Where it can be reached, for `--only`. */
  readonly address?: string
}

/** Pages of these origins may use presigned requests: people type either name of the loopback interface. */
const browserOrigins = (config: LocalConfig) => [config.urls.gateway, `http://localhost:${config.ports.gateway}`]

/** @param tools where Kafka, DynamoDB Local and versitygw lie */
export function platformParts(config: LocalConfig, tools: Tools): Part[] {
  const { environment, urls } = config
  return [
    ...kafkaNodes(config).map((node): Part => {
      const service = kafkaService(config, tools.kafka, node)
      if (node.id > 1) return { name: 'kafka', group: 1, service }
      return { name: 'kafka', group: 1, service, provision: () => provisionTopics(urls.kafka), address: urls.kafka }
    }),
    {
      name: 's3',
      group: 1,
      service: s3Service(config, tools.s3),
      provision: () => provisionBuckets(createS3Client(config), { environment, origins: browserOrigins(config) }),
      address: urls.s3,
    },
    {
      name: 'dynamodb',
      group: 1,
      service: dynamodbService(config, tools.dynamodb),
      provision: () => provisionTables(createDynamodbClient(config), environment),
      address: urls.dynamodb,
    },
    { name: 'identity', group: 1, service: identityService(config), address: urls.identity },
    { name: 'gateway', group: 2, service: gatewayService(config), address: urls.gateway },
    { name: 'triggers', group: 2, service: triggersService(config) },
    { name: 'schedule', group: 2, service: scheduleService(config) },
  ]
}
