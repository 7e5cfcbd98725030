/** Are processes still there, and which have they started? */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

/** Processes that a process has started and that are still there. */
export const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        // The name, in brackets, may hold spaces; behind it come the state and the parent.
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid) ? [Number(name)] : []
      } catch {
        return []
      }
    })
