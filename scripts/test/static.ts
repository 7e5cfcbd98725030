/** The checks that run no code: Biome and the TypeScript compiler. Each counts as one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { check, type Outcome } from './outcome.ts'

const root = join(import.meta.dirname, '../..')
const commands = { lint: ['biome', 'check'], types: ['tsc', '-p', '.'] } as const

/** Runs the check with its output as it comes. */
export async function runStatic(kind: keyof typeof commands): Promise<Outcome> {
  const [name, ...args] = commands[kind]
  const child = spawn(join(root, 'node_modules/.bin', name), args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  console.log(`${code === 0 ? '✓' : '✗'} ${kind} (${[name, ...args].join(' ')})`)
  return check(code === 0)
}
