/** Changing a topic's settings without losing the others: merge, compare, and what must not be changed. Pure. */
import type { StreamDifference } from '../../contract/stream-schemas.ts'
import { retention, topics } from '../../platform.ts'
import { RequestError } from '../shared/errors.ts'
import type { Setting } from './kafka-views.ts'

export type SettingsChange = {
  readonly set?: Readonly<Record<string, string>> | undefined
  readonly unset?: readonly string[] | undefined
}

/**
 * The topic's own settings after a change: those that are not named stay.
 * @throws RequestError 400 for a setting that Kafka does not know, that cannot be set, or that is set and unset at once
 */
export function mergedSettings(
  current: readonly Setting[],
  { set = {}, unset = [] }: SettingsChange,
): Record<string, string> {
  const known = new Map(current.map((setting) => [setting.name, setting]))
  for (const name of [...Object.keys(set), ...unset]) {
    const setting = known.get(name)
    if (!setting) throw invalid('unknown-setting', `${name}: there is no such setting of a topic`)
    if (setting.readOnly) throw invalid('read-only-setting', `${name}: this setting cannot be changed`)
    if (name in set && unset.includes(name)) throw invalid('contradiction', `${name}: is set and unset at once`)
  }
  const own = current.filter((setting) => setting.set).map(({ name, value }) => [name, value] as const)
  const merged = { ...Object.fromEntries(own), ...set }
  return Object.fromEntries(Object.entries(merged).filter(([name]) => !unset.includes(name)))
}

const invalid = (code: string, message: string) => new RequestError(400, code, message)

/** What is different in effect; setting a value that holds anyway is none. */
export function differencesOf(
  current: readonly Setting[],
  merged: Readonly<Record<string, string>>,
): StreamDifference[] {
  return current
    .map(({ name, value, defaultValue }) => ({ name, before: value, after: merged[name] ?? defaultValue }))
    .filter(({ before, after }) => before !== after)
    .map(({ name, before, after }) => ({ name, before, ...(after !== undefined && { after }) }))
}

const platformTopics: readonly { readonly name: string; readonly settings: Readonly<Record<string, string>> }[] =
  Object.values(topics)
export const isDefined = (topic: string): boolean => platformTopics.some(({ name }) => name === topic)

/**
 * Records of the platform's own topics name images: none may outlive them. A record lives for `retention.ms`, and
 * then until its segment is rolled.
 * @throws RequestError 422 naming the setting
 */
export function checkPromise(
  topic: string,
  current: readonly Setting[],
  merged: Readonly<Record<string, string>>,
): void {
  if (!isDefined(topic)) return
  const inForce = (name: string) => {
    const setting = current.find((one) => one.name === name)
    return merged[name] ?? setting?.defaultValue
  }
  if (inForce('cleanup.policy') !== 'delete') {
    throw breach('cleanup.policy: only "delete" lets records of images disappear in time')
  }
  if (inForce('message.timestamp.type') !== 'LogAppendTime') {
    throw breach("message.timestamp.type: with a producer's clock in the future, records would outlive their images")
  }
  const [keep, roll] = [Number(inForce('retention.ms')), Number(inForce('segment.ms'))]
  // What is not known is no promise either.
  if (!(keep >= 0 && keep + roll <= retention.images)) {
    const days = retention.images / 86_400_000
    throw breach(`retention.ms and segment.ms together must not exceed the ${days} days after which images are gone`)
  }
}

const breach = (message: string) => new RequestError(422, 'breaks-the-promise', message)

/** What one should know before making these changes. */
export function warningsOf(
  topic: string,
  changed: { readonly settings: readonly StreamDifference[]; readonly partitions: boolean },
): string[] {
  const shorter = changed.settings.some(
    ({ name, before, after }) =>
      name === 'retention.ms' && after !== undefined && shortens(Number(before), Number(after)),
  )
  return [
    ...(shorter ? ['Records that are older than the new retention.ms are deleted within minutes, read or not.'] : []),
    ...(changed.partitions
      ? [
          'Keys go to other partitions from now on: the order of records with the same key holds only among those sent after the change.',
          'Partitions cannot be taken away again.',
        ]
      : []),
    ...(isDefined(topic) && changed.settings.length > 0
      ? [
          'platform.ts defines this topic: the next npm start, or the next deployment that changes the definition, puts its settings back.',
        ]
      : []),
  ]
}

/** −1 is for ever. */
const shortens = (before: number, after: number): boolean => after >= 0 && (before < 0 || after < before)
