/** What the brokers refuse, as errors for the person who asked. */
import { RequestError } from '../shared/errors.ts'
import { SettingsRefusedError } from './kafkajs-inside.ts'

const codes: Readonly<Record<string, readonly [RequestError['status'], string, string]>> = {
  UNKNOWN_TOPIC_OR_PARTITION: [404, 'unknown-topic', 'There is no such topic'],
  INVALID_TOPIC_EXCEPTION: [422, 'topic-name-refused', 'The brokers do not take this name'],
  TOPIC_ALREADY_EXISTS: [409, 'topic-exists', 'There is such a topic already'],
  INVALID_CONFIG: [422, 'setting-refused', 'The brokers refuse a setting or its value'],
  INVALID_REQUEST: [422, 'setting-refused', 'The brokers refuse a setting or its value'],
  INVALID_PARTITIONS: [422, 'partitions-refused', 'The brokers refuse this number of partitions'],
  INVALID_REPLICATION_FACTOR: [422, 'replicas-refused', 'There are fewer brokers than replicas asked for'],
  POLICY_VIOLATION: [422, 'policy-violation', "The cluster's policy forbids it"],
  UNKNOWN_MEMBER_ID: [409, 'group-in-use', 'The group has members'],
  TOPIC_AUTHORIZATION_FAILED: [403, 'not-permitted', "The function's role may not do this with the topic"],
  GROUP_AUTHORIZATION_FAILED: [403, 'not-permitted', "The function's role may not do this with the group"],
}

/** The broker's own "no" as an error for the person; undefined where it is no refusal. */
export function refusalOf(error: unknown): RequestError | undefined {
  const { type, errors, originalError } = error as { type?: string; errors?: unknown[]; originalError?: unknown }
  if (type && codes[type]) {
    const [status, code, message] = codes[type]
    return new RequestError(status, code, message, { cause: error })
  }
  if (errors?.[0]) return refusalOf(errors[0])
  if (error instanceof SettingsRefusedError) {
    const code = error.errorCode === 3 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_CONFIG'
    const [status, name, message] = codes[code] as (typeof codes)[string]
    return new RequestError(status, name, error.message || message, { cause: error })
  }
  // kafkajs wraps what it has retried.
  return originalError && originalError !== error ? refusalOf(originalError) : undefined
}
