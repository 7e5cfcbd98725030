/**
 * Processes of an earlier supervisor that was killed where the kernel does not take its children along. They are
 * found by the pid files in the home, and stopped only if their command line says that they belong to it.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { poll } from './poll.ts'

/** Function processes have a declared environment and no arguments of ours; their file name tells. */
const functionHost = /\/local\/lambda\//

/** True when a command line (NUL-separated, as /proc has it) is that of a process of this home. */
export function belongsTo(home: string, name: string, commandLine: string): boolean {
  const args = commandLine.split('\0')
  if (name.startsWith('function-')) return args.some((argument) => functionHost.test(argument))
  // Folders and `--home=` arguments: either exactly this home or something below it.
  return args.some((argument) => argument.split('=').some((part) => part === home || part.startsWith(`${home}/`)))
}

/**
 * Stops what is left of an earlier run.
 * @returns names of the services whose processes were stopped
 */
export async function stopStale(home: string): Promise<string[]> {
  const folder = join(home, 'pids')
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.pid'))
  const stopped = await Promise.all(
    files.map(async (file) => {
      const name = basename(file, '.pid')
      const pid = Number(await readFile(join(folder, file), 'utf8').catch(() => ''))
      const ours = Number.isSafeInteger(pid) && pid > 1 && belongsTo(home, name, await commandLineOf(pid))
      if (ours) await stopProcess(pid)
      await rm(join(folder, file), { force: true })
      return ours ? [name] : []
    }),
  )
  return stopped.flat()
}

const commandLineOf = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')

async function stopProcess(pid: number): Promise<void> {
  const signal = (which: NodeJS.Signals | 0) => {
    try {
      return process.kill(pid, which)
    } catch {
      return false
    }
  }
  const gone = () => {
    if (signal(0)) throw new Error(`process ${pid} does not end`)
  }
  signal('SIGTERM')
  try {
    await poll(gone, { limitMs: 5_000 })
  } catch {
    signal('SIGKILL')
    await poll(gone, { limitMs: 2_000 })
  }
}
