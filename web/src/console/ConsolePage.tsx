/** The engineers' console: which view is shown, and what holds for all of them. */
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Api } from '../api.ts'
import { query } from '../router.ts'
import { consoleApi } from './api.ts'
import { ChangesView } from './ChangesView.tsx'
import { GroupsView } from './GroupsView.tsx'
import { GroupView } from './GroupView.tsx'
import { live, withSample } from './history.ts'
import { useLive } from './live.ts'
import { MessagesView } from './MessagesView.tsx'
import { OverviewView } from './OverviewView.tsx'
import { address, Failure, Waiting } from './parts.tsx'
import { QuarantineView } from './QuarantineView.tsx'
import { may } from './role.ts'
import { TopicsView } from './TopicsView.tsx'
import { TopicView } from './TopicView.tsx'
import { TriggersView } from './TriggersView.tsx'
import { words } from './text.ts'
import '../styles/purges.css'
import '../styles/console.css'

const paceMs = 2_000
const views = ['overview', 'topics', 'groups', 'messages', 'quarantine', 'triggers', 'changes'] as const
type ViewName = (typeof views)[number]

export function ConsolePage({ api }: { api: Api }) {
  const stream = useMemo(() => consoleApi(api), [api])
  const parameters = new URLSearchParams(query.value)
  const asked = parameters.get('view') as ViewName
  const view = views.includes(asked) ? asked : 'overview'
  const name = parameters.get('name') ?? ''
  const { value: overview, failure } = useLive(
    async () => {
      const now = await stream.overview()
      live.value = withSample(live.value, now)
      return now
    },
    paceMs,
    'overview',
  )
  const can = may(overview)
  const nav = useRef<HTMLElement>(null)
  // On a phone the list of views is wider than the screen.
  useEffect(
    () => nav.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' }),
    [view],
  )

  function content() {
    if (!overview) return failure ? null : <Waiting />
    switch (view) {
      case 'topics':
        return name ? (
          <TopicView key={name} api={stream} name={name} can={can} />
        ) : (
          <TopicsView api={stream} can={can} brokers={overview.brokers.length} />
        )
      case 'groups':
        return name ? <GroupView key={name} api={stream} id={name} can={can} /> : <GroupsView api={stream} />
      case 'messages':
        return <MessagesView key={name} api={stream} topic={name || 'images'} can={can} />
      case 'quarantine':
        return <QuarantineView api={stream} can={can} />
      case 'triggers':
        return <TriggersView api={stream} can={can} />
      case 'changes':
        return <ChangesView api={stream} />
      default:
        return <OverviewView api={stream} overview={overview} />
    }
  }

  return (
    <div class="console">
      <header>
        <h1>{words.title}</h1>
      </header>
      <nav class="console-views" ref={nav} aria-label={words.title}>
        {views.map((one) => (
          <a key={one} href={address(one)} aria-current={one === view ? 'page' : undefined}>
            {words.views[one]}
          </a>
        ))}
      </nav>
      <Failure error={failure} title={overview ? `${words.failed}. ${words.stale}` : words.failed} />
      {overview?.read_only && <p class="quiet small">{words.readOnly}</p>}
      {overview?.role === 'viewer' && <p class="quiet small">{words.viewer}</p>}
      {content()}
    </div>
  )
}
