/** The provider's pages. They run without script, but for one line that submits the sign-out form. */
import { html, raw } from 'hono/html'
import { demoPassword, people } from './people.ts'

type Html = ReturnType<typeof html>

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect x="2" y="2" width="28" height="28" rx="8" class="mark-ground" />
  <circle cx="16" cy="16" r="7.5" class="mark-light" />
  <path d="M16 8.5a7.5 7.5 0 0 1 0 15z" class="mark-shade" />
</svg>`

const page = (title: string, body: Html): string =>
  String(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · Darkroom</title>
    <link rel="stylesheet" href="/assets/tokens.css" />
    <link rel="stylesheet" href="/assets/sign-in.css" />
    <link rel="icon" href="/assets/mark.svg" type="image/svg+xml" />
  </head>
  <body>
    <main class="card">
      <p class="brand">${mark}<span>Darkroom</span></p>
      ${body}
    </main>
  </body>
</html>`)

export type SignInForm = {
  /** Where the form is sent; the interaction's own address. */
  readonly action: string
  readonly email: string
  readonly password: string
  /** Shown above the form, and read out. */
  readonly error?: string
}

export const signInPage = ({ action, email, password, error }: SignInForm): string =>
  page(
    'Sign in',
    html`<h1>Sign in</h1>
      <p class="lead">Photographs stay seven days, then every trace of them goes.</p>
      ${error ? html`<p class="alert" role="alert" id="error">${error}</p>` : ''}
      <form method="post" action="${action}">
        <label for="email">Email</label>
        <input id="email" name="email" type="email" autocomplete="username" required value="${email}"
          ${error ? raw('aria-describedby="error" aria-invalid="true"') : ''} ${email ? '' : raw('autofocus')} />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required
          value="${password}" ${error ? raw('aria-describedby="error"') : ''} />
        <button type="submit" class="primary" ${email ? raw('autofocus') : ''}>Sign in</button>
      </form>
      <form method="get" action="${action}" class="demo" aria-labelledby="demo">
        <h2 id="demo">Or be one of the demo people</h2>
        ${people.map(
          (person) =>
            html`<button type="submit" name="person" value="${person.email}">
              <span class="initial" aria-hidden="true">${person.name.slice(0, 1)}</span>
              <span><strong>${person.name}</strong><span class="does">${person.group} · ${person.does}</span></span>
            </button>`,
        )}
        <p class="note">Each button fills in the form. Their password is <code>${demoPassword}</code>.</p>
      </form>`,
  )

/** @param trusted the request carried the person's own ID token, so it need not be confirmed */
export const signOutPage = (form: string, trusted: boolean): string =>
  page(
    'Sign out',
    html`<h1>Sign out?</h1>
      <p class="lead">You can sign in again at any time. Uploads that are under way stop.</p>
      ${raw(form)}
      <div class="choices">
        <button type="submit" class="primary" form="op.logoutForm" name="logout" value="yes">Sign out</button>
        <button type="submit" form="op.logoutForm">Stay</button>
      </div>
      ${trusted ? html`<script src="/assets/sign-out.js"></script>` : ''}`,
  )

export const signedOutPage = (home: string): string =>
  page('Signed out', html`<h1>You are signed out</h1><p class="lead"><a href="${home}">Go to Darkroom</a></p>`)

export const errorPage = (message: string, home: string): string =>
  page(
    'Sign-in did not work',
    html`<h1>This sign-in did not work</h1>
      <p class="alert" role="alert">${message}</p>
      <p class="lead">It may be too old, or the platform has been started anew. <a href="${home}">Begin again at Darkroom</a></p>`,
  )
