/** Request headers as they were sent: names in their own case, repeated ones apart. */
import type { IncomingMessage } from 'node:http'

export type HeaderPairs = readonly (readonly [name: string, value: string])[]

export function headerPairs(headers: Headers, incoming: IncomingMessage | undefined): HeaderPairs {
  if (!incoming) return [...headers]
  const { rawHeaders } = incoming
  return Array.from({ length: rawHeaders.length / 2 }, (_, n) => [rawHeaders[2 * n] ?? '', rawHeaders[2 * n + 1] ?? ''])
}
