/** The servers that the platform runs, fetched once into the cache: Kafka and DynamoDB Local from Maven, S3 from Go. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalConfig } from '../../config.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import type { Report, Step } from '../../scripts/bootstrap/progress.mjs'
import { type RequirementName, requirements, thisSystem } from '../../scripts/bootstrap/requirements.mjs'
import { cachedFolder, type Recipe } from './cached.ts'
import { ensureGo } from './python.ts'
import { ensureSystem } from './system.ts'

export type Tools = {
  /** A classpath as Java takes it, `<folder>/*`. */
  readonly kafka: { readonly classpath: string }
  /** Holds the jars and, beside them, SQLite's native libraries (`java.library.path`). */
  readonly dynamodb: { readonly folder: string }
  /** Absolute path of the versitygw binary. */
  readonly s3: { readonly binary: string }
}

type ToolName = keyof Tools

const versitygw = { module: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' }

/**
 * Everything that the local platform runs besides Node, fetched if it is not in the cache yet.
 * @throws MissingRequirementError when Java, Maven or Go is missing and cannot be installed from here
 * @throws CommandError when a download fails, with the tool's last lines
 */
export async function ensureTools(config: Pick<LocalConfig, 'cache'>, report: Report): Promise<Tools> {
  const recipes = toolRecipes(config.cache)
  await ensureSystem(await neededFor(recipes), report)
  const go = existsSync(recipes.s3.folder) ? 'go' : await ensureGo(config, report)

  const { kafka, dynamodb, s3 } = toolRecipes(config.cache, go)
  // Settled and not all: whoever succeeds beside a failure is cached, and no install is left behind half way.
  const results = await Promise.allSettled([kafka, dynamodb, s3].map((recipe) => cachedFolder(recipe, report)))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  return {
    kafka: { classpath: join(kafka.folder, '*') },
    dynamodb: { folder: dynamodb.folder },
    s3: { binary: join(s3.folder, 'versitygw') },
  }
}

/** How each tool is made, and where it lies once it has been. */
export const toolRecipes = (cache: string, go = 'go'): Record<ToolName, Recipe> => ({
  kafka: jars('kafka', 'Apache Kafka', cache),
  dynamodb: jars('dynamodb', 'DynamoDB Local', cache),
  s3: {
    title: `versitygw ${versitygw.version} (S3)`,
    folder: join(cache, `versitygw-${versitygw.version}`),
    make: (folder, step) => goInstall(go, folder, step),
  },
})

/** Java always, and what fetches the tools that are not there. */
async function neededFor(recipes: Record<ToolName, Recipe>): Promise<RequirementName[]> {
  const due = (name: ToolName) => !existsSync(recipes[name].folder)
  const needed: RequirementName[] = ['java']
  if (due('kafka') || due('dynamodb')) needed.push('maven')
  if (!due('s3') || (await requirements.go.probe()).ok || (await requirements.python.probe()).ok) return needed
  // Debian's own Go may be too old, and its Python brings a newer one.
  const { root, debian } = thisSystem()
  return [...needed, root && debian ? 'python' : 'go']
}

/** The jars that `local/setup/<name>/pom.xml` names, in a folder keyed by its version and content. */
export function jars(name: string, title: string, cache: string): Recipe {
  const pomFile = join(import.meta.dirname, name, 'pom.xml')
  const pom = readFileSync(pomFile, 'utf8')
  const version = /<version>(.+?)<\/version>/.exec(pom)?.[1]
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 8)
  return {
    title: `${title} ${version}`,
    folder: join(cache, `${name}-${version}-${hash}`),
    make: async (folder, step) => {
      // -C: a jar whose checksum does not fit is an error, not a warning.
      const options = ['-B', '-C', '-f', pomFile, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
      await run('mvn', [...options, 'dependency:copy-dependencies'], { onLine: (line) => step.update(shortened(line)) })
    },
  }
}

/** Maven's line without its level and the registry's address: the file is what tells how far it is. */
const shortened = (line: string) => line.replace(/^\[INFO\] /, '').replace(/(from|to) \S+: https?:\/\/\S+\//, '')

async function goInstall(go: string, folder: string, step: Step) {
  const { module, version } = versitygw
  // Built without cgo, it needs no C compiler and runs on any Linux of its architecture.
  const variables = [`GOBIN=${folder}`, 'CGO_ENABLED=0']
  // -v names each package as it is built: about 500 of them.
  await run('env', [...variables, go, 'install', '-v', `${module}@${version}`], { onLine: step.update })
}
