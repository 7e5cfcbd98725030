// Runs the cdktf command line: node scripts/cdktf.mjs <list | diff | deploy | destroy> [arguments].
// Its terminal module has ready-made binaries for Node 18, 20 and 22 only, so it runs on the Node that runs npm, and not
// on the Node 24 of node_modules, on which everything of ours runs.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname ?? '.', '..')
const binaries = join(root, 'node_modules', '.bin')
const terminal = join(root, 'node_modules', '@cdktf', 'node-pty-prebuilt-multiarch', 'prebuilds')

const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== binaries)
const env = { CHECKPOINT_DISABLE: '1', ...process.env, PATH: path.join(delimiter) }
const node = process.env.npm_node_execpath ?? 'node'

const asked = spawnSync(node, ['-p', 'process.versions.modules'], { env, encoding: 'utf8' })
const abi = asked.stdout?.trim()
const prebuilt = join(terminal, `${process.platform}-${process.arch}`, `node.abi${abi}.node`)
if (!existsSync(prebuilt)) {
  console.error(`cdktf needs Node 20 or 22 to run on, and ${node} is neither. Run npm with one of them.`)
  process.exit(1)
}
const { status } = spawnSync(
  node,
  [join(root, 'node_modules', 'cdktf-cli', 'bundle', 'bin', 'cdktf.js'), ...process.argv.slice(2)],
  {
    cwd: root,
    env,
    stdio: 'inherit',
  },
)
process.exit(status ?? 1)
