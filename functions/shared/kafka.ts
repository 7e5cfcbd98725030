/**
 * The narrow port to Kafka for functions: publish records and learn where they went. kafkajs stays behind it.
 */
import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js'
import { Kafka, type KafkaConfig, logLevel, type Producer } from 'kafkajs'
import { UnavailableError } from './errors.ts'
import type { EventPosition } from './image.ts'
import './kafkajs-timers.ts'

export type OutgoingRecord = {
  readonly key: string | Buffer | null
  readonly value: string | Buffer | null
  /** A header may occur several times. */
  readonly headers?: Readonly<Record<string, string | Buffer | Buffer[]>>
}

export type Publisher = {
  /**
   * Sends records to one topic and waits for all in-sync replicas.
   * @returns the position of each record, in order
   * @throws UnavailableError when the brokers did not acknowledge in time; some records may be in the topic all the same
   */
  publish(topic: string, records: readonly OutgoingRecord[]): Promise<EventPosition[]>
  disconnect(): Promise<void>
}

export type KafkaSettings = {
  /** Comma-separated host:port. */
  readonly brokers: string
  readonly auth: string
  readonly clientId: string
  readonly region?: string
}

/** A kafkajs client; on MSK it signs in with the function's role. `overrides` win over what suits a function. */
export function createKafka(
  { brokers, auth, clientId, region }: KafkaSettings,
  overrides: Partial<KafkaConfig> = {},
): Kafka {
  const iam = auth === 'iam'
  return new Kafka({
    clientId,
    brokers: brokers.split(','),
    // kafkajs waits 1 s by default, less than a cold TLS and IAM handshake can take.
    connectionTimeout: 3_000,
    requestTimeout: 5_000,
    // Bounded: the outbox sweep, not this client, is what makes sure that an event arrives.
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.ERROR,
    ...(iam && {
      ssl: true,
      sasl: {
        mechanism: 'oauthbearer' as const,
        oauthBearerProvider: async () => ({
          value: (await generateAuthToken({ region: region ?? regionOf(brokers) })).token,
        }),
      },
    }),
    ...overrides,
  })
}

/**
 * The region in which the brokers stand, for which a token must be signed: their names tell it, on MSK
 * (`….kafka.<region>.amazonaws.com`) as on MSK Serverless (`….kafka-serverless.<region>.amazonaws.com`).
 * @throws UnavailableError for brokers that are not MSK's
 */
export function regionOf(brokers: string): string {
  const region = /\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com/.exec(brokers)?.[1]
  if (!region) throw new UnavailableError('stream-unavailable', 'KAFKA_AUTH is iam, but the brokers are not MSK')
  return region
}

/**
 * @param options.timeoutMs after this a publication counts as failed; the caller's outbox will repeat it
 * @param options.restMs after a failure further ones fail at once for so long: while the brokers are away, each
 *   upload would otherwise hold its caller for the whole timeout
 */
export function createPublisher(kafka: Kafka, { timeoutMs = 6_000, restMs = 5_000 } = {}): Publisher {
  let restUntil = 0
  const producer = kafka.producer({ allowAutoTopicCreation: false, maxInFlightRequests: 5 })
  let connection: Promise<Producer> | undefined

  const connected = (): Promise<Producer> => {
    connection ??= producer.connect().then(
      () => producer,
      (error) => {
        connection = undefined
        throw error
      },
    )
    return connection
  }

  async function send(topic: string, records: readonly OutgoingRecord[]): Promise<EventPosition[]> {
    const ready = await connected()
    const messages = records.map(({ key, value, headers }) => ({
      key,
      value,
      ...(headers && { headers: { ...headers } }),
    }))
    const acknowledgements = await ready.send({ topic, messages, acks: -1, timeout: timeoutMs })
    return positions(topic, records.length, acknowledgements)
  }

  return {
    async publish(topic, records) {
      if (performance.now() < restUntil) {
        throw new UnavailableError('stream-unavailable', 'Kafka failed a moment ago and is left alone for now')
      }
      try {
        return await withTimeout(send(topic, records), timeoutMs)
      } catch (cause) {
        restUntil = performance.now() + restMs
        throw new UnavailableError('stream-unavailable', `Kafka did not acknowledge a record for ${topic}`, { cause })
      }
    },
    disconnect: () => producer.disconnect(),
  }
}

/** kafkajs answers per partition with a base offset; a lone record's position is exact, others are told by partition. */
function positions(
  topic: string,
  count: number,
  acknowledgements: readonly { partition: number; baseOffset?: string; offset?: string }[],
): EventPosition[] {
  if (count === 1) {
    const [only] = acknowledgements
    return [{ topic, partition: only?.partition ?? 0, offset: only?.baseOffset ?? only?.offset ?? '0' }]
  }
  return acknowledgements.map(({ partition, baseOffset, offset }) => ({
    topic,
    partition,
    offset: baseOffset ?? offset ?? '0',
  }))
}

function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeout.reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  return Promise.race([work, timeout.promise]).finally(() => clearTimeout(timer))
}
