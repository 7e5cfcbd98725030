/** What is in `databricks/`, in the workspace: notebooks, the transforms beside them, and the job's script. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Directory } from '@cdktf/provider-databricks/lib/directory/index.js'
import { Notebook } from '@cdktf/provider-databricks/lib/notebook/index.js'
import { Permissions } from '@cdktf/provider-databricks/lib/permissions/index.js'
import { WorkspaceFile } from '@cdktf/provider-databricks/lib/workspace-file/index.js'
import { Construct } from 'constructs'
import { analytics } from '../../../platform.ts'
import type { PlatformStack } from '../platform-stack.ts'

const room = join(import.meta.dirname, '../../../databricks')
const { folder } = analytics

/** Seen from the folder in which Terraform runs. */
const source = (file: string) => `\${path.module}/../../../databricks/${file}`

/** The Python files of a folder and of those below it, with their paths below `databricks/`; sorted, so that every synthesis is the same. */
export const pythonFiles = (below: string): string[] =>
  readdirSync(join(room, below), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.py'))
    .map((name) => `${below}/${name}`)
    .toSorted()

export class WorkspaceCode extends Construct {
  /** The folder that analysts open. */
  readonly folder: Directory
  /** Of the job, and of the transforms. */
  readonly files: readonly WorkspaceFile[]
  readonly #directories = new Map<string, Directory>()

  constructor(stack: PlatformStack, id: string, { analysts }: { readonly analysts: string }) {
    super(stack, id)
    this.folder = this.#directory(folder)
    for (const file of pythonFiles('notebooks')) {
      new Notebook(this, file, {
        // Databricks names notebooks without their extension.
        path: `${folder}/${file.replace(/\.py$/, '')}`,
        language: 'PYTHON',
        format: 'SOURCE',
        source: source(file),
        dependsOn: [this.#directoryOf(file)],
      })
    }
    this.files = [...pythonFiles('src'), ...pythonFiles('jobs')].map(
      (file) =>
        new WorkspaceFile(this, file, {
          path: `${folder}/${file}`,
          source: source(file),
          dependsOn: [this.#directoryOf(file)],
        }),
    )
    new Permissions(this, 'permissions', {
      directoryPath: this.folder.path,
      // All below inherits it: read and run, never edit.
      accessControl: [{ groupName: analysts, permissionLevel: 'CAN_RUN' }],
    })
  }

  #directoryOf(file: string): Directory {
    return this.#directory(`${folder}/${file.slice(0, file.lastIndexOf('/'))}`)
  }

  #directory(path: string): Directory {
    const known = this.#directories.get(path)
    if (known) return known
    const parent = path === folder ? [] : [this.#directory(path.slice(0, path.lastIndexOf('/')))]
    const made = new Directory(this, `directory${path.replaceAll('/', '-')}`, { path, dependsOn: parent })
    this.#directories.set(path, made)
    return made
  }
}
