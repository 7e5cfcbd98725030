/** The application's configuration, from the server that serves it. */
import type { WebConfig } from '../../contract/web.ts'
import { networkError, problemFrom } from './api.ts'

/** @throws ApiError where the platform does not answer */
export async function loadConfig(): Promise<WebConfig> {
  const response = await fetch('/config.json', { headers: { accept: 'application/json' } }).catch((cause) => {
    throw networkError(cause)
  })
  const body = await response.text()
  if (!response.ok) throw problemFrom(response.status, body, response.headers.get('retry-after'))
  return JSON.parse(body) as WebConfig
}
