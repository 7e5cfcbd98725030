// Runs the cdktf command line on a fresh clone too: node scripts/cdktf.mjs <list | diff | deploy | destroy> [arguments].
// In the terminal's own process group, unlike our other commands, because it asks before it changes anything.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensurePackages } from './bootstrap/install.mjs'
import { root } from './bootstrap/launch.mjs'
import { createReport } from './bootstrap/progress.mjs'

try {
  await ensurePackages(root, createReport())
} catch (error) {
  console.error(/** @type {Error} */ (error).message)
  process.exit(1)
}
// Without this cdktf asks its makers for news.
const env = { CHECKPOINT_DISABLE: '1', ...process.env }
const { status } = spawnSync(join(root, 'node_modules/.bin/cdktf'), process.argv.slice(2), {
  cwd: root,
  env,
  stdio: 'inherit',
})
process.exit(status ?? 1)
