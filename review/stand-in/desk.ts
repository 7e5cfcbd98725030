/** A folder in which stacks can be planned although none is deployed: their files, and states of those before them. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { StackJson } from '../infrastructure.ts'
import { type MadeUp, madeUpState } from './states.ts'

/** Where `main.ts` writes: three levels above each stack are the files that it names, and the states. */
export const outOf = (desk: string): string => join(desk, 'cdktf.out')

/** Files of the project that a stack names, as paths below the project's root. */
export const filesOf = (stack: StackJson): string[] => [
  ...new Set(
    [...JSON.stringify(stack).matchAll(/\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/([\w./-]*[\w-])/g)].map(
      ([, file]) => file as string,
    ),
  ),
]

/**
 * Puts everything in its place: links to the project's files, something made up for those that have not been built, and a
 * state for every stack.
 */
export function setOut(desk: string, root: string, stacks: Readonly<Record<string, StackJson>>, made: MadeUp): void {
  for (const file of Object.values(stacks).flatMap(filesOf).toSorted()) {
    const place = join(desk, file)
    if (existsSync(place)) continue
    mkdirSync(dirname(place), { recursive: true })
    if (existsSync(join(root, file))) symlinkSync(join(root, file), place)
    else if (/\.\w+$/.test(file)) writeFileSync(place, 'made up')
    else mkdirSync(place)
  }
  for (const [name, stack] of Object.entries(stacks)) {
    writeFileSync(join(desk, `${name}.tfstate`), JSON.stringify(madeUpState(stack, made)))
  }
}
