/** Who is signed in. OpenID Connect code flow with PKCE; tokens live in this tab's session storage only. */
import { computed, signal } from '@preact/signals'
import { User, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import type { WebConfig } from '../../contract/web.ts'
import { type Group, groups, type Scope } from '../../platform.ts'
import { networkError, type TokenSource } from './api.ts'

export type Person = { readonly name: string; readonly email: string; readonly groups: readonly Group[] }
/** `renewed`: this window signed in for another one and has done its work. */
export type SessionState = 'starting' | 'signed-out' | 'signed-in' | 'expired' | 'renewed' | 'failed'

export type Session = ReturnType<typeof createSession>

/** Another window of ours signed in on this one's behalf; the user travels over this channel. */
const renewals = 'darkroom-session'
/** A token that is about to expire is renewed before it is used. */
const leewaySeconds = 20

export const callbackPath = '/signed-in'
/** Opened in a new window by somebody whose session has ended, so that this one keeps its queue. */
export const renewPath = `${callbackPath}?renew`

export function createSession(config: WebConfig) {
  const state = signal<SessionState>('starting')
  const user = signal<User | null>(null)
  const failure = signal('')
  const waiting = new Set<() => void>()

  const manager = new UserManager({
    authority: config.issuer,
    client_id: config.clientId,
    redirect_uri: `${location.origin}${callbackPath}`,
    post_logout_redirect_uri: `${location.origin}/`,
    response_type: 'code',
    scope: config.scope,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: true,
    loadUserInfo: false,
  })

  const person = computed<Person | undefined>(() => {
    const profile = user.value?.profile
    if (!profile) return undefined
    const inGroups = (profile['cognito:groups'] as string[] | undefined) ?? []
    return {
      name: String(profile.name ?? profile.email ?? ''),
      email: String(profile.email ?? ''),
      groups: inGroups.filter((group): group is Group => group in groups),
    }
  })

  function admit(admitted: User) {
    user.value = admitted
    state.value = 'signed-in'
    for (const go of waiting) go()
    waiting.clear()
  }

  function expire() {
    if (state.value === 'signed-in') state.value = 'expired'
  }

  manager.events.addUserLoaded(admit)
  manager.events.addAccessTokenExpired(() => void renew())
  new BroadcastChannel(renewals).addEventListener('message', ({ data }: MessageEvent<string>) => {
    const renewed = User.fromStorageString(data)
    // The same person only: a queue is never handed to somebody else.
    if (state.value !== 'expired' || renewed.profile.sub !== user.value?.profile.sub) return
    void manager.storeUser(renewed).then(() => manager.events.load(renewed))
  })

  let renewal: Promise<void> | undefined
  /** By refresh token; where that fails the person has to sign in, unless only the network is away. */
  function renew(): Promise<void> {
    renewal ??= manager
      .signinSilent()
      .then(
        (renewed) => (renewed ? admit(renewed) : expire()),
        () => (navigator.onLine ? expire() : undefined),
      )
      .finally(() => {
        renewal = undefined
      })
    return renewal
  }

  const usable = () => {
    const { expires_in, access_token } = user.value ?? {}
    return access_token && (expires_in ?? 0) > leewaySeconds ? access_token : undefined
  }

  async function token(): Promise<string> {
    const ready = state.value === 'signed-in' ? usable() : undefined
    if (ready) return ready
    if (state.value === 'signed-in') await renew()
    if (state.value !== 'signed-in') await new Promise<void>((go) => waiting.add(go))
    const renewed = usable()
    // Still signed in, yet without a token: the provider could not be reached.
    if (!renewed) throw networkError()
    return renewed
  }

  async function finishSignIn() {
    const finished = await manager.signinCallback()
    if (!finished) return
    const { returnTo, renewal: isRenewal } = (finished.state ?? {}) as { returnTo?: string; renewal?: boolean }
    if (isRenewal) {
      new BroadcastChannel(renewals).postMessage(finished.toStorageString())
      state.value = 'renewed'
      close()
      return
    }
    history.replaceState(null, '', returnTo?.startsWith('/') ? returnTo : '/')
    admit(finished)
  }

  return {
    state,
    person,
    failure,
    can: (scope: Scope): boolean =>
      person.value?.groups.some((group) => (groups[group] as readonly Scope[]).includes(scope)) ?? false,

    /** Finds out who is signed in; on the callback page, finishes the sign-in first. */
    async start(): Promise<void> {
      try {
        if (location.pathname === callbackPath) {
          if (location.search === '?renew') return await manager.signinRedirect({ state: { renewal: true } })
          await finishSignIn()
          return
        }
        const stored = await manager.getUser()
        if (!stored) state.value = 'signed-out'
        else if (stored.expired) {
          const renewed = await manager.signinSilent().catch(() => null)
          if (renewed) admit(renewed)
          else state.value = 'signed-out'
        } else admit(stored)
      } catch (error) {
        failure.value = (error as Error).message
        state.value = 'failed'
      }
    },
    signIn: () => manager.signinRedirect({ state: { returnTo: returnAddress() } }),
    /** At the provider too; where that does not answer, at least here. */
    async signOut(): Promise<void> {
      await manager.signoutRedirect().catch(async () => {
        await manager.removeUser()
        user.value = null
        state.value = 'signed-out'
      })
    },
    token,
    /** The platform refused this token although it had not expired. */
    refused(refusedToken: string) {
      if (user.value?.access_token === refusedToken) {
        user.value = new User({ ...user.value, expires_at: 0 } as ConstructorParameters<typeof User>[0])
      }
    },
  } satisfies TokenSource & Record<string, unknown>
}

const returnAddress = () => (location.pathname === callbackPath ? '/' : `${location.pathname}${location.search}`)
