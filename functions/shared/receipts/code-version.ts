/** Which code runs: a hash over the bundle itself, which no configuration can get wrong. */
import { readFileSync } from 'node:fs'
import { sha256Hex } from './form.ts'

/** @param file the bundle's own path, `import.meta.filename` */
export const codeVersionOf = (file: string): string => sha256Hex(readFileSync(file))
