/** The servers that the platform runs, downloaded once into the cache: Kafka and DynamoDB Local from Maven, S3 from Go. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalConfig } from '../../config.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import type { Report } from '../../scripts/bootstrap/progress.mjs'
import { cachedFolder } from './cached.ts'

export type Tools = {
  /** A classpath as Java takes it, `<folder>/*`. */
  readonly kafka: { readonly classpath: string }
  /** Holds the jars and, beside them, SQLite's native libraries (`java.library.path`). */
  readonly dynamodb: { readonly folder: string }
  /** Absolute path of the versitygw binary. */
  readonly s3: { readonly binary: string }
}

const versitygw = { module: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' }

/**
 * Everything that the local platform runs besides Node, downloaded if it is not in the cache yet.
 * @throws CommandError when a download fails, with the tool's last lines
 */
export async function ensureTools(config: LocalConfig, report: Report): Promise<Tools> {
  const results = await Promise.allSettled([
    ensureJars('kafka', 'Apache Kafka', config.cache, report),
    ensureJars('dynamodb', 'DynamoDB Local', config.cache, report),
    ensureVersitygw(config.cache, report),
  ])
  const [kafka, dynamodb, s3] = results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  }) as [string, string, string]
  return {
    kafka: { classpath: join(kafka, '*') },
    dynamodb: { folder: dynamodb },
    s3: { binary: join(s3, 'versitygw') },
  }
}

/** The jars that `local/setup/<name>/pom.xml` names, in a folder keyed by its version and content. */
function ensureJars(name: string, title: string, cache: string, report: Report): Promise<string> {
  const pomFile = join(import.meta.dirname, name, 'pom.xml')
  const pom = readFileSync(pomFile, 'utf8')
  const version = /<version>(.+?)<\/version>/.exec(pom)?.[1]
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 8)
  return cachedFolder(
    {
      title: `${title} ${version}`,
      folder: join(cache, `${name}-${version}-${hash}`),
      make: async (folder, step) => {
        // -C: a jar whose checksum does not fit is an error, not a warning.
        const options = ['-B', '-C', '-f', pomFile, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
        await run('mvn', [...options, 'dependency:copy-dependencies'], { onLine: step.update })
      },
    },
    report,
  )
}

function ensureVersitygw(cache: string, report: Report): Promise<string> {
  const { module, version } = versitygw
  return cachedFolder(
    {
      title: `versitygw ${version} (S3)`,
      folder: join(cache, `versitygw-${version}`),
      make: async (folder, step) => {
        await run('env', [`GOBIN=${folder}`, 'go', 'install', '-v', `${module}@${version}`], { onLine: step.update })
      },
    },
    report,
  )
}
