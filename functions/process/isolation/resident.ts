/** How much memory a process holds. */
import { readFileSync } from 'node:fs'

/** proc(5): `statm` counts in pages; both of Lambda's architectures have pages of 4 KiB. */
const pageBytes = 4096

/** @returns resident bytes; 0 where the process has ended or the system (not Linux) does not tell */
export function residentBytes(pid: number | undefined): number {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')
    return Number(pages) * pageBytes
  } catch {
    return 0
  }
}
