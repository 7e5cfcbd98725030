/**
 * `npm run fuzz`: requests made at random out of the OpenAPI document, valid and invalid ones, against a platform of its
 * own; every answer must be one that the document promises. Ends with 1 where one is not.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { importJWK, SignJWT } from 'jose'
import { startPlatform } from '../bench/platform.ts'
import { type LocalConfig, localConfig } from '../config.ts'
import { openApiDocument } from '../contract/openapi.ts'
import { accessTokenClaims } from '../local/identity/claims.ts'
import { readKeys, signingAlgorithm } from '../local/identity/keys.ts'
import { personInGroup } from '../local/identity/people.ts'
import { ensureVenv } from '../local/setup/python.ts'
import { groups, limits } from '../platform.ts'
import { createReport } from '../scripts/bootstrap/progress.mjs'

const help = `Sends requests made at random out of the OpenAPI document to a platform of its own.

  npm run fuzz -- [--examples N] [--seed S] [--only OPERATION]

  --examples  at most so many requests for each operation and phase (default 50)
  --seed      the same requests again (default 1)
  --only      one operation, by its operationId
  --help      this text`

const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

/** What must hold of every answer. That valid requests succeed is not among it: an id made at random names nothing. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'ignored_auth',
]
/** Their own sequences of requests would need links between operations, which the document does not have. */
const phases = ['examples', 'coverage', 'fuzzing']

/** Somebody who may do everything, so that every operation is reached. */
async function tokenForAll({ home, urls }: LocalConfig): Promise<string> {
  const [key] = readKeys(home).keys
  const person = personInGroup('engineers')
  if (!key || !person) throw new Error('The platform has no signing key')
  const scope = [...new Set(Object.values(groups).flat())].join(' ')
  return new SignJWT({ ...accessTokenClaims(person, urls.identity), scope })
    .setProtectedHeader({ alg: signingAlgorithm, kid: key.kid, typ: 'at+jwt' })
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(await importJWK(key, signingAlgorithm))
}

/** @returns Schemathesis's exit code: 0 where every answer was as promised */
async function fuzz(): Promise<number> {
  const report = createReport()
  const requirements = join(import.meta.dirname, 'requirements.txt')
  const { python } = await ensureVenv(localConfig(), report, requirements)
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-fuzz-'))
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway', 'triggers'])
  try {
    const document = join(folder, 'openapi.json')
    await writeFile(document, JSON.stringify(openApiDocument()))
    const child = spawn(
      join(python, '../st'),
      [
        ...[
          '--config-file',
          join(import.meta.dirname, 'schemathesis.toml'),
          'run',
          document,
          '--url',
          platform.config.urls.gateway,
        ],
        ...['--header', `Authorization:Bearer ${await tokenForAll(platform.config)}`],
        ...['--checks', checks.join(','), '--phases', phases.join(',')],
        ...['--max-examples', values.examples, '--seed', values.seed],
        // Below the gateway's own limit, which would answer 429.
        ...['--rate-limit', `${limits.requestRate - 50}/s`, '--request-timeout', '35'],
        ...['--continue-on-failure', '--warnings', 'off', '--no-color'],
        ...(values.only ? ['--include-operation-id', values.only] : []),
      ],
      { stdio: ['ignore', 'inherit', 'inherit'], cwd: folder },
    )
    const [code] = await once(child, 'exit')
    return code ?? 1
  } finally {
    await platform.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function wholeOrRefuse(name: 'examples' | 'seed') {
  const number = Number(values[name])
  if (Number.isInteger(number) && number > 0) return
  console.error(`--${name} takes a whole number above 0, not ${values[name]}\n\n${help}`)
  process.exit(2)
}

if (values.help) console.log(help)
else {
  wholeOrRefuse('examples')
  wholeOrRefuse('seed')
  process.exitCode = await fuzz()
}
