import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

type Package = { optionalDependencies?: Record<string, string>; hasInstallScript?: boolean; resolved?: string }
const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => JSON.parse(readFileSync(resolve(root, file), 'utf8'))
const packages: Record<string, Package> = read('package-lock.json').packages
const nameOf = (path: string) => path.split('node_modules/').at(-1) ?? ''

it('the lock file names every optional package, or npm ci refuses it', () => {
  const locked = new Set(Object.keys(packages).map(nameOf))
  const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
  expect(wanted.filter((name) => !locked.has(name))).toEqual([])
})

it('npm 11 is told for each package with an install script whether it may run', () => {
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  // fsevents is for macOS only, and its script is not needed there either.
  const names = scripted.map(([path]) => nameOf(path)).filter((name) => name !== 'fsevents')
  expect(new Set(names)).toEqual(new Set(Object.keys(read('package.json').allowScripts)))
})
