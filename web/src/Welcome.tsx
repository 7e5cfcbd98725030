/** Pages without data: before the sign-in, for people of other groups, and where there is nothing. */
import { notebooksPage } from '../../contract/notebook-routes.ts'
import { scopes } from '../../platform.ts'
import { formatList } from './format.ts'
import type { Session } from './session.ts'
import { text } from './text.ts'

export const Welcome = ({ signIn }: { signIn: () => Promise<void> }) => (
  <div class="welcome">
    <h1>{text.welcome.title}</h1>
    <p>{text.welcome.lead}</p>
    <wa-button variant="brand" appearance="accent" size="l" onClick={() => void signIn()}>
      {text.session.signIn}
    </wa-button>
    <ol class="steps">
      {text.welcome.steps.map(([name, what]) => (
        <li key={name}>
          <strong>{name}</strong>
          {what}
        </li>
      ))}
    </ol>
  </div>
)

/** What somebody's group can do here, for those who do not upload. */
export function GroupPage({ session }: { session: Session }) {
  const [group] = session.person.value?.groups ?? []
  const { title, lead } = (group && text.groups[group]) ?? text.noGroup
  return (
    <div class="welcome">
      <h1>{title}</h1>
      <p>{lead}</p>
      {session.can(scopes.streamRead) && (
        <a class="plain-button" href="/console">
          {text.goTo(text.pages.console)}
        </a>
      )}
      {session.can(scopes.notebooksRead) && (
        <a class="plain-button" href={notebooksPage}>
          {text.goTo(text.pages.notebooks)}
        </a>
      )}
      {session.can(scopes.retentionRead) && (
        <a class="plain-button" href="/purges">
          {text.goTo(text.pages.purges)}
        </a>
      )}
    </div>
  )
}

/** The page of notebooks for people of other groups, who have its address from an analyst. */
export function NotForOthers({ session }: { session: Session }) {
  const { others } = text.notebooks
  const groups = session.person.value?.groups ?? []
  return <Message title={others.title} lead={others.lead(groups.length > 0 ? formatList(groups) : others.noGroup)} />
}

type MessageProps = { readonly title: string; readonly lead?: string; readonly action?: () => unknown }

export const Message = ({ title, lead, action }: MessageProps) => (
  <div class="center">
    <div role="status">
      <h1>{title}</h1>
      {lead && <p class="quiet">{lead}</p>}
      {action && (
        <p class="center-action">
          <wa-button variant="brand" appearance="accent" onClick={() => void action()}>
            {text.session.again}
          </wa-button>
        </p>
      )}
    </div>
  </div>
)

export const NotFound = () => <Message title={text.notFound.title} lead={text.notFound.lead} />
