/** Small functions at CloudFront's edge, and the paths that go to the API. Pure: text in, JavaScript text out. */
import type { OpenApiDocument } from '../../contract/openapi.ts'
import { webPages } from '../../contract/web.ts'

/** CloudFront's path patterns for the contract's routes: `/images`, `/images/*`, … */
export function apiPatterns({ paths }: OpenApiDocument): string[] {
  const segments = new Set(Object.keys(paths).map((path) => `/${path.split('/')[1]}`))
  return [...segments].flatMap((segment) => [segment, `${segment}/*`])
}

/** Pages of the web application are all `index.html`; everything else is a file by its own name. */
export const pagesToIndex = (pages: readonly string[] = webPages): string => `
function handler(event) {
  var request = event.request
  if (${JSON.stringify(pages)}.indexOf(request.uri) >= 0) request.uri = '/index.html'
  return request
}`

/** Tells the functions under which host name people see the API, so that addresses in answers are reachable. */
export const forwardHost = (): string => `
function handler(event) {
  var request = event.request
  request.headers['x-forwarded-host'] = { value: request.headers.host.value }
  return request
}`
