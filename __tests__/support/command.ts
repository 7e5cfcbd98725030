/** Runs a command of the project against a platform, as a person would in a shell. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { environmentWith } from '../../config.ts'
import type { Platform } from './platform.ts'

const root = resolve(import.meta.dirname, '../..')

/** @returns its exit code, and what it has written to standard output and standard error */
export async function runCommand(
  { variables }: Pick<Platform, 'variables'>,
  script: string,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const options = { cwd: root, env: environmentWith(variables), maxBuffer: 64 * 1024 * 1024 }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args], options)
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, output: stdout + stderr }
  }
}
