/** Commands that end with the process that started them. */
import { existsSync } from 'node:fs'

/**
 * util-linux's setpriv asks the kernel to kill the process when its parent dies. SIGKILL rather than SIGTERM, so that
 * a hanging process cannot hold a port when the next supervisor starts; every service recovers from it.
 */
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => existsSync(file))

/** File and arguments that run a command tied to this process; where there is no setpriv, the command as it is. */
export function tied(file: string, args: readonly string[]): { file: string; args: string[] } {
  return setpriv ? { file: setpriv, args: ['--pdeathsig', 'KILL', '--', file, ...args] } : { file, args: [...args] }
}
