/** Are processes still there? */
import { existsSync, readFileSync } from 'node:fs'
import { poll } from '../../local/supervisor/poll.ts'

/** True while a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  const file = `/proc/${pid}/stat`
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, 'utf8'))
}

/** Waits until a process has gone. @throws Error when it is still there after the limit */
export const untilGone = (pid: number, limitMs = 3_000): Promise<void> =>
  poll(
    () => {
      if (isAlive(pid)) throw new Error(`process ${pid} is still there`)
    },
    { limitMs, everyMs: 20 },
  )
