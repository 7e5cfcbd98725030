/** Opens a notebook in JupyterLab, with the same Spark and the same names as in a run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { environmentWith } from '../../config.ts'
import { run } from '../../scripts/bootstrap/command.mjs'
import { notebooksFolder } from './execute.ts'

const here = import.meta.dirname
/** JupyterLab alone; the kernel runs in the notebooks' own environment. */
export const jupyterRequirements = join(here, 'requirements.txt')

export type JupyterParts = {
  /** Python of the notebooks' environment, for the kernel. */
  readonly python: string
  /** Python of JupyterLab's environment. */
  readonly jupyter: string
  /** Absolute folder for the working copies and JupyterLab's own files. */
  readonly folder: string
  readonly spark: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Opens a working copy, which stays until it is deleted by hand, without its outputs.
 * @returns JupyterLab's exit code
 */
export async function openInJupyter(name: string, parts: JupyterParts): Promise<number> {
  const { python, jupyter, folder, spark, parameters } = parts
  const kernel = join(folder, 'kernels', 'darkroom')
  await mkdir(kernel, { recursive: true })
  const settings = join(folder, 'settings.json')
  await writeFile(settings, JSON.stringify({ spark, parameters, modules: here, folder: notebooksFolder }), {
    mode: 0o600,
  })
  const launch = ['-m', 'ipykernel_launcher', '-f', '{connection_file}']
  await writeFile(
    join(kernel, 'kernel.json'),
    JSON.stringify({
      argv: [python, ...launch, `--IPKernelApp.exec_files=${join(here, 'startup.py')}`],
      display_name: 'Darkroom',
      language: 'python',
      env: { DARKROOM_NOTEBOOK: settings, SPARK_LOCAL_IP: '127.0.0.1' },
    }),
  )
  const copies = join(folder, 'copies')
  await mkdir(copies, { recursive: true })
  const copy = join(copies, `${name}.ipynb`)
  if (!existsSync(copy)) await run(python, [join(here, 'convert.py'), join(notebooksFolder, `${name}.py`), copy])

  const options = ['--allow-root', `--config=${join(here, 'jupyter_config.py')}`, `--ServerApp.root_dir=${copies}`]
  const child = spawn(jupyter, ['-m', 'jupyterlab', ...options, copy], {
    env: environmentWith({ JUPYTER_PATH: folder, JUPYTER_RUNTIME_DIR: join(folder, 'runtime') }),
    stdio: 'inherit',
  })
  // Ctrl-C goes to JupyterLab, which asks whether it is meant.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(143))
  process.once('exit', () => child.kill())
  const [code] = await once(child, 'exit')
  return code ?? 1
}
