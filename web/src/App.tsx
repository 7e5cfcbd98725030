/** The frame of every page: masthead, banners, and the page that fits address and person. */
import { CircleUser, LogOut, Monitor, Moon, Sun } from 'lucide'
import type { ComponentChildren } from 'preact'
import { notebooksPage } from '../../contract/notebook-routes.ts'
import type { WebConfig } from '../../contract/web.ts'
import { scopes } from '../../platform.ts'
import { announcement } from './announce.ts'
import type { Api } from './api.ts'
import { online } from './clock.ts'
import './components/elements.ts'
import { Icon } from './components/Icon.tsx'
import { lazy } from './components/Lazy.tsx'
import { Mark } from './components/Mark.tsx'
import type { Keeping } from './images/keeping.ts'
import { PhotographsPage } from './images/PhotographsPage.tsx'
import { followLink, path } from './router.ts'
import { renewPath, type Session } from './session.ts'
import { text } from './text.ts'
import { nextTheme, theme } from './theme.ts'
import type { UploadQueue } from './upload/queue.ts'
import { GroupPage, Message, NotForOthers, NotFound, Welcome } from './Welcome.tsx'

const NotebooksPage = lazy(async () => (await import('./notebooks/NotebooksPage.tsx')).NotebooksPage)
const ConsolePage = lazy(async () => (await import('./console/ConsolePage.tsx')).ConsolePage)
const ProfilePage = lazy(async () => (await import('./profile/ProfilePage.tsx')).ProfilePage)
const PurgesPage = lazy(async () => (await import('./retention/PurgesPage.tsx')).PurgesPage)

export type AppProps = {
  readonly config: WebConfig
  readonly session: Session
  readonly api: Api
  readonly queue: UploadQueue
  readonly keeping: Keeping
}

export function App(props: AppProps) {
  const { session } = props
  const signedIn = session.state.value === 'signed-in' || session.state.value === 'expired'
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps links inside the page from loading it anew
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link's Enter arrives as a click
    <div class="shell" onClick={followLink}>
      <a class="skip" href="#content">
        {text.skip}
      </a>
      <header class="masthead">
        <div class="masthead-inner">
          <a class="brand" href="/" aria-label={text.brand}>
            <Mark />
            <span class="brand-name">{text.brand}</span>
          </a>
          {signedIn && <Tabs session={session} />}
          <div class="masthead-end">
            {signedIn && <PersonMenu session={session} />}
            <ThemeButton />
            {signedIn && (
              <button
                type="button"
                class="icon-button"
                title={text.session.signOut}
                aria-label={text.session.signOut}
                onClick={() => void props.queue.leave().then(session.signOut)}
              >
                <Icon node={LogOut} />
              </button>
            )}
          </div>
        </div>
      </header>
      <Banners {...props} />
      <main id="content" class="page" tabIndex={-1}>
        <Page {...props} />
      </main>
      <p class="visually-hidden" aria-live="polite">
        {announcement.value}
      </p>
    </div>
  )
}

function Page(props: AppProps) {
  const { session, api } = props
  switch (session.state.value) {
    case 'starting':
      return <Message title={text.session.signingIn} />
    case 'renewed':
      return <Message title={text.session.renewed} />
    case 'failed':
      return <Message title={text.session.failedTitle} lead={session.failure.value} action={session.signIn} />
    case 'signed-out':
      return <Welcome signIn={session.signIn} />
  }
  if (path.value === '/console' && session.can(scopes.streamRead)) return <ConsolePage api={api} />
  if (path.value === '/purges' && session.can(scopes.retentionRead)) return <PurgesPage api={api} />
  if (path.value === notebooksPage) {
    if (!session.can(scopes.notebooksRead)) return <NotForOthers session={session} />
    return <NotebooksPage api={api} place={props.config.notebooks} />
  }
  if (path.value === '/you' && session.can(scopes.imagesRead)) return <ProfilePage {...props} />
  if (path.value !== '/') return <NotFound />
  if (session.can(scopes.imagesRead)) return <PhotographsPage {...props} />
  return <GroupPage session={session} />
}

function Tabs({ session }: { session: Session }) {
  const tabs = [
    { to: '/', name: text.pages.photographs, scope: scopes.imagesRead },
    { to: '/console', name: text.pages.console, scope: scopes.streamRead },
    { to: notebooksPage, name: text.pages.notebooks, scope: scopes.notebooksRead },
    { to: '/purges', name: text.pages.purges, scope: scopes.retentionRead },
  ].filter(({ scope }) => session.can(scope))
  return (
    <nav class="tabs">
      {tabs.map(({ to, name }) => (
        <a key={to} class="tab" href={to} aria-current={path.value === to ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}

function PersonMenu({ session }: { session: Session }) {
  const person = session.person.value
  if (!person) return null
  return (
    <PersonFrame link={session.can(scopes.imagesRead)}>
      <span class="person-name">{person.name}</span>
      <span class="person-group">{person.groups.join(', ')}</span>
    </PersonFrame>
  )
}

/** Those who keep photographs have a page about themselves. */
const PersonFrame = ({ link, children }: { link: boolean; children: ComponentChildren }) =>
  link ? (
    <a class="person" href="/you" title={text.profile.open} aria-current={path.value === '/you' ? 'page' : undefined}>
      <Icon node={CircleUser} class="person-icon" />
      <span class="visually-hidden">{text.profile.open}: </span>
      {children}
    </a>
  ) : (
    <div class="person">{children}</div>
  )

const themeIcons = { auto: Monitor, light: Sun, dark: Moon }

function ThemeButton() {
  const label = text.theme.label(text.theme.names[theme.value])
  return (
    <button type="button" class="icon-button" title={label} aria-label={label} onClick={nextTheme}>
      <Icon node={themeIcons[theme.value]} />
    </button>
  )
}

function Banners({ session, keeping: { live: store } }: AppProps) {
  if (session.state.value === 'expired') {
    return (
      <div class="banner" role="alert">
        <span>{text.session.expired}</span>
        {/* A window of its own: this one keeps the files that wait. */}
        <a href={renewPath} target="_blank" rel="noopener opener">
          {text.session.again}
        </a>
      </div>
    )
  }
  if (!online.value) return <Banner words={text.offline} />
  // A list that is on the screen stays there; that it may be old is said.
  if (store.loaded.value && store.failure.value?.retriable) return <Banner words={text.unreachable} />
  return null
}

const Banner = ({ words }: { words: string }) => (
  <div class="banner" role="status">
    {words}
  </div>
)
