/** Whether anybody answers HTTP at an address or a socket; what they say is of no interest. */
import { request } from 'node:http'

const limitMs = 10_000

/** @throws Error where there is no answer of any kind within ten seconds */
export function answersAtAll(where: { url: string } | { socketPath: string }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const options = { method: 'GET', agent: false, signal: AbortSignal.timeout(limitMs) } as const
  const asked = 'url' in where ? request(where.url, options) : request({ ...options, ...where, path: '/' })
  asked.on('response', (response) => {
    response.resume()
    response.on('error', () => {})
    resolve()
  })
  asked.on('error', reject)
  asked.end()
  return promise
}
