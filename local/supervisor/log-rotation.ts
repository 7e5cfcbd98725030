/**
 * Logs name images by their id, so they may not outlive the promise: a line is gone after `retention.logs`, as it is
 * in CloudWatch. Files are copied and emptied in place, because the processes keep them open for appending.
 */
import { copyFile, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { retention } from '../../platform.ts'

const hour = 3_600_000
/** A live log is put aside at least this often, or earlier when it has grown large. */
const everyMs = 24 * hour
const mostBytes = 20 * 1024 * 1024
/** The oldest line of a log put aside is older than the newest by up to `everyMs` and an hour, the time between checks. */
const keptMs = retention.logs - everyMs - hour
/** Its time of change is when logs were last put aside. */
const marker = '.rotated'

/** Puts aside what is due and removes what is too old. @param now milliseconds since 1970 */
export async function rotateLogs(home: string, now: number): Promise<void> {
  const folder = join(home, 'logs')
  const files = await readdir(folder)
  await Promise.all(
    files
      .filter((name) => /\.log\.\d+$/.test(name))
      .filter((name) => Number(name.split('.').at(-1)) <= now - keptMs)
      .map((name) => rm(join(folder, name), { force: true })),
  )
  const last = await stat(join(folder, marker)).catch(() => undefined)
  const due = !last || now - last.mtimeMs >= everyMs
  for (const name of files.filter((file) => file.endsWith('.log'))) {
    const file = join(folder, name)
    const { size } = await stat(file)
    if (size === 0 || !(due || size > mostBytes)) continue
    await copyFile(file, `${file}.${now}`)
    await truncate(file)
  }
  if (due) await touch(join(folder, marker), now)
}

/** Rotates now and every hour; does not keep the process alive. @param onError what to do when the disk refuses */
export async function keepLogsShort(home: string, onError: (error: Error) => void, clock = Date.now): Promise<void> {
  const rotate = () => rotateLogs(home, clock()).catch(onError)
  await rotate()
  setInterval(rotate, hour).unref()
}

async function touch(file: string, now: number): Promise<void> {
  await writeFile(file, '')
  await utimes(file, now / 1000, now / 1000)
}
