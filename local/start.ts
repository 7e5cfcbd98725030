/**
 * `npm start`: brings up the whole platform on this machine and keeps it up. One line on standard output, `ready
 * <address>`, says that an upload would succeed; progress and everything else goes to standard error.
 */
import { ConfigError, environmentWith, localConfig } from '../config.ts'
import { SetupError } from '../scripts/bootstrap/command.mjs'
import { createReport } from '../scripts/bootstrap/progress.mjs'
import { startPlatform } from './lifecycle.ts'
import { StartError } from './supervisor/errors.ts'
import { help, type Options, readOptions } from './supervisor/options.ts'

const report = createReport()

/** What the command line says wins over the environment. */
const configFor = ({ brokers }: Options) =>
  localConfig(environmentWith(brokers === undefined ? {} : { DARKROOM_BROKERS: String(brokers) }))

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(help)
  else await startPlatform(configFor(options), options, report)
} catch (error) {
  // What people can put right is said in a sentence; anything else is a fault of ours and keeps its stack.
  const expected = error instanceof StartError || error instanceof ConfigError || error instanceof SetupError
  report.line(expected ? error.message : String((error as Error).stack))
  process.exit(1)
}
