/**
 * The page behind a shared link, for people without an account: one picture and when the link ends. No script, nothing
 * about a person, and headers that keep the address out of other sites' logs, search engines and caches.
 */
import { createHash } from 'node:crypto'
import type { Rendition } from '../shared/image.ts'

const style = `
:root{color-scheme:light dark;--ground:light-dark(#f8f7f4,#121110);--ink:light-dark(#1d1b18,#f3f0eb);--quiet:light-dark(#625d55,#aca598);--line:light-dark(#e3dfd8,#33302c)}
*{box-sizing:border-box}
body{margin:0;min-height:100dvh;display:grid;grid-template-rows:auto 1fr auto;background:var(--ground);color:var(--ink);font:400 .9375rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
header,footer{padding:.875rem 1.5rem}
header{border-bottom:1px solid var(--line);font-weight:650}
main{display:grid;place-items:center;padding:1.5rem;min-width:0}
img{display:block;max-width:100%;max-height:calc(100dvh - 11rem);width:auto;height:auto;border-radius:.625rem;background:var(--line)}
.words{max-width:32rem;text-align:center}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.015em}
p{margin:0}
footer,.words p{color:var(--quiet)}
footer{font-size:.8125rem;text-align:center}
`

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`

export type SharedPage = {
  readonly status: 200 | 404 | 410
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

const document = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>${title} – Darkroom</title>
<style>${style}</style>
</head>
<body>
<header>Darkroom</header>
${body}
</body>
</html>
`

const headersFor = (lake: string) => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; img-src ${lake}; style-src ${styleHash}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow, noarchive',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
})

const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })

/** @param pictureUrl a short-lived address in the lake */
export const openPage = (pictureUrl: string, { width, height }: Rendition, expiresAt: number): SharedPage => ({
  status: 200,
  html: document(
    'A shared photograph',
    `<main><img src="${escaped(pictureUrl)}" width="${width}" height="${height}" alt="The photograph that was shared with you"></main>
<footer>This link ends on <time datetime="${new Date(expiresAt).toISOString()}">${time.format(expiresAt)} UTC</time>. After that nobody can open it.</footer>`,
  ),
  headers: headersFor(new URL(pictureUrl).origin),
})

const words = (status: 404 | 410, title: string, lead: string): SharedPage => ({
  status,
  html: document(title, `<main><div class="words"><h1>${title}</h1><p>${lead}</p></div></main>\n<footer></footer>`),
  headers: headersFor("'none'"),
})

export const endedPage: SharedPage = words(
  410,
  'This link has ended',
  'It was made to hold for a time, and that time is over. Ask whoever sent it to you for a new one.',
)

/** The same for what never was, what was taken back, and what has been erased: a link tells nothing else. */
export const unknownPage: SharedPage = words(
  404,
  'There is nothing behind this link',
  'It may have been taken back, the photograph may have been erased, or the address is not complete.',
)

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
