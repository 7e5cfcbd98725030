/** Log files of the services: appended to by the process itself, so that no line is lost when the supervisor dies. */
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'

export const logFile = (home: string, name: string) => join(home, 'logs', `${name}.log`)

/** Opens a service's log for appending. */
export async function openLog(home: string, name: string): Promise<FileHandle> {
  await mkdir(join(home, 'logs'), { recursive: true })
  await mkdir(join(home, 'pids'), { recursive: true })
  return open(logFile(home, name), 'a')
}

/** The last lines of a service's log, for the message that says why it did not start. */
export async function logTail(home: string, name: string, lines = 8): Promise<string> {
  const most = 16 * 1024
  const file = await open(logFile(home, name)).catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const length = Math.min(size, most)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString().trimEnd().split('\n').slice(-lines).join('\n')
  } finally {
    await file.close()
  }
}
