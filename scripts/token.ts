/** `npm run token -- --group uploaders`: prints one bearer token for the local platform, and nothing else. */
import { parseArgs } from 'node:util'
import { accessTokenSeconds } from '../local/identity/claims.ts'
import { type Group, groups } from '../platform.ts'
import { signToken } from './token/sign.ts'

const groupNames = Object.keys(groups)
const help = `Prints a bearer token for the local platform, as the sign-in page would give it.

  npm run token -- --group ${groupNames.join('|')} [--expires-in SECONDS]

  --group       whose token: the demo person of this group
  --expires-in  seconds that it holds; negative makes one that has expired (default ${accessTokenSeconds})
  --help        this text`

class UsageError extends Error {}

function readArguments() {
  const { values } = parseArgs({
    options: { group: { type: 'string' }, 'expires-in': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return undefined
  const expiresIn = values['expires-in'] === undefined ? accessTokenSeconds : Number(values['expires-in'])
  if (!Number.isInteger(expiresIn)) throw new UsageError('--expires-in takes a whole number of seconds')
  if (!values.group || !groupNames.includes(values.group)) {
    const said = values.group ? `There is no group ${values.group}` : 'Say whose token with --group'
    throw new UsageError(`${said}. Groups: ${groupNames.join(', ')}`)
  }
  return { group: values.group as Group, expiresIn }
}

try {
  const asked = readArguments()
  console.log(asked ? await signToken(asked.group, asked.expiresIn) : help)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
