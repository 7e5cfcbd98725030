/** Where a process's control listens: a Unix domain socket, so that only this user's processes reach it. */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Linux takes 107 bytes of path, macOS 103. */
const longestPath = 103

/** `<home>/run/<name>.sock`; a home that is too deep for a socket has it in the system's temporary folder. */
export function controlSocket(home: string, name: 'triggers' | 'schedule'): string {
  const path = join(home, 'run', `${name}.sock`)
  if (Buffer.byteLength(path) <= longestPath) return path
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16)
  return join(tmpdir(), `darkroom-${name}-${hash}.sock`)
}

export const socketPath = (home: string): string => controlSocket(home, 'triggers')
