/** One notebook, opened; it leaves the page as soon as the platform has deleted it. */
import { ChevronLeft, ChevronRight } from 'lucide'
import { notebooksPage } from '../../../contract/notebook-routes.ts'
import type { NotebookEntry, NotebookList } from '../../../contract/notebooks.ts'
import type { Api, ApiError } from '../api.ts'
import { Icon } from '../components/Icon.tsx'
import { Notice } from '../components/Notice.tsx'
import { useLive } from '../console/live.ts'
import { formatDateTime, formatExact } from '../format.ts'
import { text } from '../text.ts'
import { NotebookFrame } from './NotebookFrame.tsx'
import { agoOf, LoadFailure, notebookAddress } from './NotebooksPage.tsx'

export type NotebookReaderProps = {
  readonly api: Api
  readonly name: string
  /** Undefined while it is not known. */
  readonly list: NotebookList | undefined
  readonly failure: ApiError | undefined
}

export function NotebookReader({ api, name, list, failure }: NotebookReaderProps) {
  const entries = list?.run?.notebooks ?? []
  const place = entries.findIndex((entry) => entry.name === name)
  const entry = entries[place]
  return (
    <article class="notebook">
      <nav class="notebook-bar" aria-label={text.notebooks.title}>
        <a class="back" href={notebooksPage}>
          <Icon node={ChevronLeft} />
          {text.notebooks.list}
        </a>
        {list?.run && entry && (
          <span class="quiet small notebook-when">
            <time dateTime={list.run.made_at} title={formatExact(list.run.made_at)}>
              {text.notebooks.ago(agoOf(list.run.made_at))}
            </time>
            {`, ${text.notebooks.asOf(formatDateTime(list.run.as_of))}`}
          </span>
        )}
        <Step to={entries[place - 1]} icon={ChevronLeft} label={text.notebooks.previous} />
        <Step to={place < 0 ? undefined : entries[place + 1]} icon={ChevronRight} label={text.notebooks.another} />
      </nav>
      <LoadFailure error={failure} />
      {list && !entry && <Gone known={list.run !== null} />}
      {entry?.failure && (
        <Notice kind="bad" title={text.notebooks.failed}>
          <p class="small">{text.notebooks.failedIn(entry.failure.cell, entry.failure.error)}</p>
        </Notice>
      )}
      {entry && list?.run && <Content api={api} entry={entry} madeAt={list.run.made_at} />}
      {!list && !failure && <div class="skeleton notebook-skeleton" role="status" aria-label={text.loading} />}
    </article>
  )
}

type StepProps = { readonly to: NotebookEntry | undefined; readonly icon: unknown; readonly label: string }
const Step = ({ to, icon, label }: StepProps) =>
  to ? (
    <a class="icon-button" href={notebookAddress(to.name)} aria-label={`${label}: ${to.title}`} title={to.title}>
      <Icon node={icon} />
    </a>
  ) : (
    <span class="icon-button" aria-hidden="true">
      <Icon node={icon} class="dim" />
    </span>
  )

/** `known`: there is a run, only without this notebook. */
const Gone = ({ known }: { readonly known: boolean }) => (
  <Notice kind="warn" title={text.notebooks.gone}>
    <p class="small">{known ? text.notebooks.unknownHint : text.notebooks.goneHint}</p>
  </Notice>
)

type ContentProps = { readonly api: Api; readonly entry: NotebookEntry; readonly madeAt: string }
function Content({ api, entry, madeAt }: ContentProps) {
  // Another run has another page by the same name.
  const { value: html, failure } = useLive(() => api.notebook(entry.name), 0, `${entry.name} ${madeAt}`)
  if (failure?.status === 404) return <Gone known={false} />
  if (failure && html === undefined) return <LoadFailure error={failure} />
  if (html === undefined) return <div class="skeleton notebook-skeleton" role="status" aria-label={text.loading} />
  return <NotebookFrame key={`${entry.name} ${madeAt}`} title={entry.title} html={html} />
}
