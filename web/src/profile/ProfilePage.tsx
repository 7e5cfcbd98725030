/** What the platform knows about the person who looks, for how long, and the button that ends it. */
import { Download, Trash2 } from 'lucide'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Profile, Usage } from '../../../contract/personal-schemas.ts'
import { type Api, ApiError } from '../api.ts'
import { now } from '../clock.ts'
import { Icon } from '../components/Icon.tsx'
import { Notice } from '../components/Notice.tsx'
import { formatBytes, formatCount, formatDateTime, formatLength, formatRemaining } from '../format.ts'
import type { Keeping } from '../images/keeping.ts'
import { QuotaMeter } from '../images/Quota.tsx'
import { plainView } from '../images/view.ts'
import type { Session } from '../session.ts'
import { text } from '../text.ts'
import { downloadProfile } from './download.ts'
import { EraseEverythingDialog } from './EraseEverythingDialog.tsx'
import '../styles/images.css'
import '../styles/list-tools.css'
import '../styles/profile.css'
import '../styles/table.css'

type ProfilePageProps = { readonly api: Api; readonly session: Session; readonly keeping: Keeping }

export function ProfilePage({ api, session, keeping }: ProfilePageProps) {
  const [profile, setProfile] = useState<Profile>()
  const [failure, setFailure] = useState<ApiError>()
  const [erasing, setErasing] = useState(false)
  const [loading, setLoading] = useState(false)
  const usage = keeping.usage.usage.value

  const look = useCallback(async () => {
    try {
      const [known] = await Promise.all([api.profile(), keeping.usage.measure(plainView)])
      setProfile(known)
      setFailure(undefined)
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError(0, {}))
    }
  }, [api, keeping])
  useEffect(() => void look(), [look])

  async function download() {
    setLoading(true)
    try {
      await downloadProfile(api, session)
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError(0, {}))
    } finally {
      setLoading(false)
    }
  }
  const nothing = profile && profile.images === 0 && profile.rows === 0 && profile.links === 0
  return (
    <div class="profile">
      <header class="profile-head">
        <h1>{text.profile.title}</h1>
        <p class="quiet">{text.profile.lead}</p>
      </header>
      {failure && (
        <Notice
          kind="bad"
          title={failure.message}
          actions={
            <wa-button size="s" appearance="outlined" onClick={() => void look()}>
              {text.list.retry}
            </wa-button>
          }
        >
          <p class="small">{failure.hint}</p>
        </Notice>
      )}
      {profile && (
        <>
          <div class="profile-cards">
            <Who session={session} profile={profile} />
            <What profile={profile} usage={usage} nothing={nothing === true} />
          </div>
          <Traces profile={profile} />
          <section class="profile-card profile-actions">
            <div>
              <h2>{text.profile.takeTitle}</h2>
              <p class="quiet">{text.profile.takeLead}</p>
            </div>
            <wa-button appearance="outlined" loading={loading} onClick={() => void download()}>
              <Icon slot="start" node={Download} />
              {text.profile.take}
            </wa-button>
          </section>
          <section class="profile-card profile-actions danger">
            <div>
              <h2>{text.profile.eraseTitle}</h2>
              <p class="quiet">{text.profile.eraseLead}</p>
            </div>
            <wa-button
              variant="danger"
              appearance="outlined"
              disabled={nothing === true}
              onClick={() => setErasing(true)}
            >
              <Icon slot="start" node={Trash2} />
              {text.profile.erase}
            </wa-button>
          </section>
        </>
      )}
      {erasing && profile && (
        <EraseEverythingDialog
          api={api}
          images={profile.images + profile.being_erased}
          onClose={() => {
            setErasing(false)
            keeping.live.forgetAll()
            void look()
          }}
        />
      )}
    </div>
  )
}

function Who({ session, profile }: { session: Session; profile: Profile }) {
  const person = session.person.value
  const facts: readonly (readonly [string, string])[] = [
    [text.profile.who.name, person?.name ?? ''],
    [text.profile.who.email, person?.email ?? ''],
    [text.profile.who.groups, profile.person.groups.join(', ')],
    [text.profile.who.scopes, profile.person.scopes.join(', ')],
    [text.profile.who.id, profile.person.id],
  ]
  return (
    <section class="profile-card">
      <h2>{text.profile.who.title}</h2>
      <p class="small quiet">{text.profile.who.lead}</p>
      <dl class="facts">
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}

type WhatProps = { readonly profile: Profile; readonly usage: Usage | undefined; readonly nothing: boolean }

function What({ profile, usage, nothing }: WhatProps) {
  const { what } = text.profile
  const left = (at: string) => formatRemaining(Math.max(0, Date.parse(at) - now.value))
  return (
    <section class="profile-card">
      <h2>{what.title}</h2>
      {nothing ? (
        <p class="profile-nothing" role="status">
          {what.nothing}
        </p>
      ) : (
        <p class="profile-figure figures">
          <strong>{formatCount(profile.images)}</strong> {what.images(profile.images)}
          <span class="quiet"> · {formatBytes(profile.bytes)}</span>
        </p>
      )}
      {usage && <QuotaMeter usage={usage} />}
      <dl class="facts">
        {profile.statuses.map(({ status, images }) => (
          <div key={status}>
            <dt>{text.status[status]}</dt>
            <dd class="figures">{formatCount(images)}</dd>
          </div>
        ))}
        <div>
          <dt>{what.rows}</dt>
          <dd class="figures">{formatCount(profile.rows)}</dd>
        </div>
        <div>
          <dt>{what.links}</dt>
          <dd class="figures">{formatCount(profile.links)}</dd>
        </div>
        {profile.being_erased > 0 && (
          <div>
            <dt>{what.closing}</dt>
            <dd class="figures">{formatCount(profile.being_erased)}</dd>
          </div>
        )}
        {profile.next_expires_at && profile.last_expires_at && (
          <>
            <div>
              <dt>{what.next}</dt>
              <dd title={formatDateTime(profile.next_expires_at)}>{what.in(left(profile.next_expires_at))}</dd>
            </div>
            <div>
              <dt>{what.last}</dt>
              <dd title={formatDateTime(profile.last_expires_at)}>{what.in(left(profile.last_expires_at))}</dd>
            </div>
          </>
        )}
      </dl>
    </section>
  )
}

const day = 86_400_000

const Traces = ({ profile }: { profile: Profile }) => (
  <section class="profile-card">
    <h2>{text.profile.traces.title}</h2>
    <p class="small quiet">{text.profile.traces.lead}</p>
    <div class="table-scroll">
      <table class="table traces">
        <thead>
          <tr>
            <th scope="col">{text.profile.traces.where}</th>
            <th scope="col">{text.profile.traces.what}</th>
            <th scope="col" class="number">
              {text.profile.traces.long}
            </th>
          </tr>
        </thead>
        <tbody>
          {profile.traces.map(({ store, days }) => {
            const [where, what] = text.profile.traces.stores[store]
            return (
              <tr key={store}>
                <th scope="row">{where}</th>
                <td>{what}</td>
                <td class="number">{formatLength(days * day)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
    <p class="small quiet">{text.profile.traces.account}</p>
  </section>
)
