// Runs one of the project's commands on a fresh clone: installs the packages when that is due, then hands over to
// Node 24 from node_modules. Usage: node scripts/run.mjs <file.ts, or a package's command> [arguments]
// No top-level await and no static imports, so that an old Node gets as far as saying what is wrong.
const oldest = 20
if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(
    `Darkroom needs Node ${oldest} or later, and this is ${process.version}. Get it from https://nodejs.org`,
  )
  process.exit(1)
}
import('./bootstrap/launch.mjs').then((module) => module.launch(process.argv[2] || '', process.argv.slice(3)))
