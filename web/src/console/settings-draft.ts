/** From what stands in the form to the change that the API takes. Pure. */
import type { StreamTopic, StreamTopicChange } from '../../../contract/stream-schemas.ts'

/** Text: the new value. Null: back to the default. */
export type Drafts = Readonly<Record<string, string | null | undefined>>

/** Undefined where nothing is to be changed. */
export function changeOf(
  topic: Pick<StreamTopic, 'partitions'>,
  drafts: Drafts,
  partitions: number,
): StreamTopicChange | undefined {
  const entries = Object.entries(drafts)
  const set = Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  const unset = entries.filter(([, draft]) => draft === null).map(([name]) => name)
  const grows = Number.isInteger(partitions) && partitions !== topic.partitions
  if (Object.keys(set).length === 0 && unset.length === 0 && !grows) return undefined
  return {
    ...(Object.keys(set).length > 0 && { set }),
    ...(unset.length > 0 && { unset }),
    ...(grows && { partitions }),
  }
}
