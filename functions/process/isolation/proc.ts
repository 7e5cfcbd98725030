/** What another process of ours holds and has used, from Linux's `/proc`; 0 where it has ended or there is no such thing. */
import { readFileSync } from 'node:fs'

/** proc(5): `statm` counts in pages; both of Lambda's architectures have pages of 4 KiB. */
const pageBytes = 4096
/** proc(5): `stat` counts in ticks, of which Linux shows 100 a second on every architecture. */
const ticksPerSecond = 100

/** Resident memory in bytes. */
export function residentBytes(pid: number | undefined): number {
  const [, pages] = read(pid, 'statm').split(' ')
  return Number(pages ?? 0) * pageBytes
}

/**
 * The most resident memory that a process has held since its program was loaded, in bytes. `getrusage()` also counts what
 * the process held before, as the copy of a large parent that it then was.
 */
export function peakResidentBytes(pid: number | undefined): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(read(pid, 'status')) ?? []
  return Number(kilobytes ?? 0) * 1024
}

/** CPU time of all threads. */
export function cpuSeconds(pid: number | undefined): number {
  const stat = read(pid, 'stat')
  // The second field is the program's name in brackets and may hold blanks; user and system time are 14th and 15th.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user ?? 0) + Number(system ?? 0)) / ticksPerSecond
}

function read(pid: number | undefined, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}
