/** Lambda entry: ensures the topics that the deployment names. Terraform calls it when a definition has changed. */
import { createKafka } from '../shared/kafka.ts'
import { createLogger } from '../shared/log.ts'
import { type EnsuredTopics, ensureTopics, parseTopicRequest } from './ensure.ts'
import { readTopicsEnvironment } from './env.ts'

const env = readTopicsEnvironment()
const logger = createLogger()
const kafka = createKafka(
  { brokers: env.KAFKA_BROKERS, auth: env.KAFKA_AUTH, clientId: env.POWERTOOLS_SERVICE_NAME },
  // A cluster that has just been made takes its time; nobody waits for this function but the deployment.
  { requestTimeout: 30_000, retry: { retries: 8, initialRetryTime: 300, maxRetryTime: 10_000 } },
)

export async function handler(event: unknown): Promise<EnsuredTopics> {
  const definitions = parseTopicRequest(event)
  const admin = kafka.admin()
  await admin.connect()
  try {
    const outcome = await ensureTopics(admin, definitions)
    logger.info('topics ensured', outcome)
    return outcome
  } finally {
    await admin.disconnect()
  }
}
