/** From what stands in the form to the change that the API takes. Pure. */
import type { StreamTopic, StreamTopicChange } from '../../../contract/stream-schemas.ts'

/** Text: the new value. Null: back to the default. */
export type Drafts = Readonly<Record<string, string | null | undefined>>
/** What stood there when the person began to change it, by name; `partitions` among them. */
export type Seen = Readonly<Record<string, string>>

/** Lines of `name=value`; what has no `=` is left to the brokers to refuse. Pure. */
export const readSettings = (lines: string): Record<string, string> =>
  Object.fromEntries(
    lines
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => {
        const at = line.indexOf('=')
        return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
      }),
  )

/** Names that somebody else has changed since the person began. Pure. */
export const changedMeanwhile = (
  topic: Pick<StreamTopic, 'partitions' | 'settings'>,
  drafts: Drafts,
  seen: Seen,
): { readonly name: string; readonly now: string }[] =>
  topic.settings
    .filter(({ name, value }) => drafts[name] !== undefined && seen[name] !== undefined && seen[name] !== value)
    .map(({ name, value }) => ({ name, now: value }))

/** Undefined where nothing is to be changed. */
export function changeOf(
  topic: Pick<StreamTopic, 'partitions'>,
  drafts: Drafts,
  partitions: number,
  seen: Seen,
): StreamTopicChange | undefined {
  const entries = Object.entries(drafts)
  const set = Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  const unset = entries.filter(([, draft]) => draft === null).map(([name]) => name)
  const grows = Number.isInteger(partitions) && partitions !== topic.partitions
  if (Object.keys(set).length === 0 && unset.length === 0 && !grows) return undefined
  const names = [...Object.keys(set), ...unset, ...(grows ? ['partitions'] : [])]
  const expected = Object.fromEntries(names.flatMap((name) => (seen[name] === undefined ? [] : [[name, seen[name]]])))
  return {
    ...(Object.keys(expected).length > 0 && { expected }),
    ...(Object.keys(set).length > 0 && { set }),
    ...(unset.length > 0 && { unset }),
    ...(grows && { partitions }),
  }
}
