/** Which process a rule has struck. */
import { readFileSync } from 'node:fs'
import type { Claim } from '../inject/settings.ts'

export { claimFile } from '../inject/settings.ts'

export const pidOfClaim = (file: string): number => (JSON.parse(readFileSync(file, 'utf8')) as Claim).pid
