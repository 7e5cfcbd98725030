/**
 * Processes of an earlier supervisor that was killed where the kernel does not take its children along. They are
 * found by the pid files in the home, and stopped only if they write into its logs: pids are used again by strangers.
 */
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { poll } from './poll.ts'

/**
 * Stops what is left of an earlier run.
 * @returns names of the services whose processes were stopped
 */
export async function stopStale(home: string): Promise<string[]> {
  const folder = join(home, 'pids')
  const logs = join(await realpath(home), 'logs/')
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.pid'))
  const stopped = await Promise.all(
    files.map(async (file) => {
      const name = basename(file, '.pid')
      const pid = Number(await readFile(join(folder, file), 'utf8').catch(() => ''))
      const ours = Number.isSafeInteger(pid) && pid > 1 && (await outputOf(pid)).startsWith(logs)
      if (ours) await stopProcess(pid)
      await rm(join(folder, file), { force: true })
      return ours ? [name] : []
    }),
  )
  return stopped.flat()
}

/** The file that a process's standard output goes to; empty when there is no such process, or it is somebody else's. */
const outputOf = (pid: number) => readlink(`/proc/${pid}/fd/1`).catch(() => '')

async function stopProcess(pid: number): Promise<void> {
  // A zombie, which nobody may come to bury, has no open files left.
  const gone = async () => {
    if (await outputOf(pid)) throw new Error(`process ${pid} does not end`)
  }
  signal(pid, 'SIGTERM')
  try {
    await poll(gone, { limitMs: 5_000 })
  } catch {
    signal(pid, 'SIGKILL')
    await poll(gone, { limitMs: 2_000 })
  }
}

function signal(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which)
  } catch {
    // It has ended meanwhile.
  }
}
