/** The console's questions and changes, typed by the contract. */
import type { RetentionState } from '../../../contract/schemas.ts'
import type { StreamHistory } from '../../../contract/stream-history-schemas.ts'
import type {
  StreamGroup,
  StreamGroupPage,
  StreamNewTopic,
  StreamOverview,
  StreamReset,
  StreamResetDone,
  StreamTopic,
  StreamTopicChange,
  StreamTopicChanged,
  StreamTopicPage,
} from '../../../contract/stream-schemas.ts'
import type {
  StreamChange,
  StreamDiscard,
  StreamDiscarded,
  StreamMessagePage,
  StreamQuarantinePage,
  StreamRedrive,
  StreamRedriven,
  StreamReprocess,
  StreamReprocessed,
  StreamTestEvent,
  StreamTestEventSent,
  StreamThumbnails,
  StreamTrigger,
  StreamTriggerChange,
  StreamTriggerPage,
} from '../../../contract/stream-work-schemas.ts'
import type { HistorySpan } from '../../../platform/console.ts'
import type { Api } from '../api.ts'

export type ConsoleApi = ReturnType<typeof consoleApi>

export function consoleApi(api: Api) {
  const name = encodeURIComponent
  const post = <T>(path: string, body: unknown) => api.stream<T>(path, { method: 'POST', body })
  return {
    overview: () => api.stream<StreamOverview>(''),
    history: (span: HistorySpan, group?: string) =>
      api.stream<StreamHistory>(`/history?${new URLSearchParams({ span, ...(group && { group }) })}`),
    retention: (): Promise<RetentionState> => api.retention(),
    topics: () => api.stream<StreamTopicPage>('/topics'),
    topic: (topic: string) => api.stream<StreamTopic>(`/topics/${name(topic)}`),
    createTopic: (body: StreamNewTopic) => post<StreamTopicChanged>('/topics', body),
    changeTopic: (topic: string, body: StreamTopicChange) =>
      api.stream<StreamTopicChanged>(`/topics/${name(topic)}`, { method: 'PATCH', body }),
    messages: (topic: string, query: URLSearchParams) =>
      api.stream<StreamMessagePage>(`/topics/${name(topic)}/messages?${query}`),
    groups: () => api.stream<StreamGroupPage>('/groups'),
    group: (group: string) => api.stream<StreamGroup>(`/groups/${name(group)}`),
    reset: (group: string, body: StreamReset) => post<StreamResetDone>(`/groups/${name(group)}/reset`, body),
    quarantine: (code: string) =>
      api.stream<StreamQuarantinePage>(`/quarantine?limit=200${code ? `&code=${name(code)}` : ''}`),
    redrive: (body: StreamRedrive) => post<StreamRedriven>('/quarantine/redrive', body),
    discard: (body: StreamDiscard) => post<StreamDiscarded>('/quarantine/discard', body),
    triggers: () => api.stream<StreamTriggerPage>('/triggers'),
    changeTrigger: (trigger: string, body: StreamTriggerChange) =>
      post<StreamTrigger>(`/triggers/${name(trigger)}`, body),
    reprocess: (image: string, body: StreamReprocess) =>
      post<StreamReprocessed>(`/images/${name(image)}/reprocess`, body),
    thumbnails: (ids: readonly string[]) => post<StreamThumbnails>('/thumbnails', { ids }),
    testEvent: (body: StreamTestEvent) => post<StreamTestEventSent>('/test-event', body),
    changes: (of: 'changes' | 'looks') => api.stream<{ items: StreamChange[] }>(`/changes?limit=200&of=${of}`),
  }
}
