/** The analysts' notebooks: which there are, from when, of how many images; and one of them, opened in the page. */
import { ChevronRight, NotebookText } from 'lucide'
import { notebooksPage } from '../../../contract/notebook-routes.ts'
import type { NotebookEntry, NotebookList, NotebookRun } from '../../../contract/notebooks.ts'
import type { NotebooksPlace } from '../../../contract/web.ts'
import type { Api, ApiError } from '../api.ts'
import { now } from '../clock.ts'
import { Icon } from '../components/Icon.tsx'
import { Notice } from '../components/Notice.tsx'
import { useLive } from '../console/live.ts'
import { formatAgo, formatCount, formatDateTime, formatExact } from '../format.ts'
import { query } from '../router.ts'
import { text } from '../text.ts'
import { NotebookReader } from './NotebookReader.tsx'
import '../styles/purges.css'
import '../styles/notebooks.css'

/** What a purge removes is to leave an open page soon. */
const paceMs = 10_000

export function NotebooksPage({ api, place }: { readonly api: Api; readonly place: NotebooksPlace }) {
  if (place.at !== 'here') return <Elsewhere place={place} />
  return <NotebooksHere api={api} />
}

export const notebookAddress = (name: string) => `${notebooksPage}?notebook=${encodeURIComponent(name)}`

function NotebooksHere({ api }: { readonly api: Api }) {
  const { value: list, failure } = useLive(() => api.notebooks(), paceMs, 'notebooks')
  const opened = new URLSearchParams(query.value).get('notebook')
  if (opened) return <NotebookReader api={api} name={opened} list={list} failure={failure} />
  return (
    <div class="notebooks">
      <header>
        <h1>{text.notebooks.title}</h1>
        <p class="quiet">{text.notebooks.lead}</p>
      </header>
      <LoadFailure error={failure} />
      {!list && !failure && <div class="skeleton block" role="status" aria-label={text.loading} />}
      {list?.run && <Run run={list.run} runningSince={list.running_since} />}
      {list && !list.run && <NoRun list={list} />}
    </div>
  )
}

export const LoadFailure = ({ error }: { readonly error: ApiError | undefined }) =>
  error ? (
    <Notice kind="bad" title={text.notebooks.loadFailed}>
      <p class="small">
        {error.message} {error.hint}
      </p>
    </Notice>
  ) : null

export const agoOf = (time: string): string => formatAgo(Math.max(0, now.value - Date.parse(time)))

function Run({ run, runningSince }: { readonly run: NotebookRun; readonly runningSince: string | null }) {
  const { notebooks } = text
  const counts = run.notebooks.flatMap(({ images }) => (images === null ? [] : [images]))
  return (
    <>
      {runningSince && (
        <p class="quiet small" role="status">
          {notebooks.running(agoOf(runningSince))}
        </p>
      )}
      <dl class="figures-row">
        <div class="figure">
          <dt>{notebooks.run}</dt>
          <dd>
            <time dateTime={run.made_at} title={formatExact(run.made_at)}>
              {notebooks.ago(agoOf(run.made_at))}
            </time>
          </dd>
          <dd class="figure-note">{notebooks.asOf(formatDateTime(run.as_of))}</dd>
        </div>
        <div class="figure">
          <dt>{notebooks.images}</dt>
          <dd>{counts.length > 0 ? formatCount(Math.max(...counts)) : notebooks.none}</dd>
          <dd class="figure-note">{notebooks.imagesNote}</dd>
        </div>
        <div class="figure">
          <dt>{notebooks.lake}</dt>
          <dd class="lake-path">{run.lake}</dd>
          <dd class="figure-note">{notebooks.lakeNote}</dd>
        </div>
        <div class="figure">
          <dt>{notebooks.kept}</dt>
          <dd>
            {run.expires_at ? (
              <time dateTime={run.expires_at} title={formatExact(run.expires_at)}>
                {formatDateTime(run.expires_at)}
              </time>
            ) : (
              notebooks.none
            )}
          </dd>
          <dd class="figure-note">{run.expires_at ? notebooks.keptNote : notebooks.keptAlways}</dd>
        </div>
      </dl>
      <ul class="panel notebook-list">
        {run.notebooks.map((notebook) => (
          <Entry key={notebook.name} notebook={notebook} />
        ))}
      </ul>
    </>
  )
}

const Entry = ({ notebook }: { readonly notebook: NotebookEntry }) => (
  <li>
    <a class="notebook-entry" href={notebookAddress(notebook.name)}>
      <span class="notebook-words">
        <span class="notebook-title">{notebook.title}</span>
        <span class="quiet small">{notebook.lead}</span>
        {notebook.failure && (
          <span class="notebook-failure small">
            {text.notebooks.failedIn(notebook.failure.cell, notebook.failure.error)}
          </span>
        )}
      </span>
      <span class="notebook-end">
        {notebook.images !== null && <span>{text.notebooks.count(formatCount(notebook.images))}</span>}
        {!notebook.ok && <span class="badge failed">{text.notebooks.failed}</span>}
      </span>
      <Icon node={ChevronRight} class="notebook-go" />
    </a>
  </li>
)

function NoRun({ list }: { readonly list: NotebookList }) {
  const { notebooks } = text
  return (
    <div class="empty panel" role="status">
      <Icon node={NotebookText} class="empty-icon" />
      {list.running_since ? (
        <>
          <p class="empty-title">{notebooks.runningFirst}</p>
          <p class="quiet">{notebooks.runningFirstHint(agoOf(list.running_since))}</p>
        </>
      ) : (
        <>
          <p class="empty-title">{notebooks.empty}</p>
          <p class="quiet">{notebooks.emptyHint}</p>
          <pre class="command">{notebooks.command}</pre>
          <p class="quiet small notebook-note">{notebooks.emptyNote}</p>
        </>
      )}
    </div>
  )
}

function Elsewhere({ place }: { readonly place: Exclude<NotebooksPlace, { at: 'here' }> }) {
  const { workspace, nowhere } = text.notebooks
  if (place.at === 'nowhere') {
    return (
      <div class="welcome">
        <h1>{nowhere.title}</h1>
        <p>{nowhere.lead}</p>
      </div>
    )
  }
  return (
    <div class="welcome">
      <h1>{workspace.title}</h1>
      <p>{workspace.lead(place.folder)}</p>
      {place.url ? (
        <a class="plain-button" href={workspaceAddress(place.url, place.folder)} target="_blank" rel="noopener">
          {workspace.open}
        </a>
      ) : (
        <p>{workspace.unknown}</p>
      )}
    </div>
  )
}

/** As Databricks writes links to what is in a workspace. */
const workspaceAddress = (url: string, folder: string) => `${new URL(url).origin}/#workspace${folder}`
