/** Writes the Terraform of one environment's stacks into `cdktf.out`: `DARKROOM_ENV=prod npm run synth`. */
import { App } from 'cdktf'
import { ConfigError, chosenEnvironment, cloudConfig } from './config.ts'
import { addPlatform } from './stacks/platform.ts'

try {
  // Where in the code each resource comes from would be in the output, with the paths of whoever ran this.
  const app = new App({ stackTraces: false })
  addPlatform(app, cloudConfig(chosenEnvironment()))
  app.synth()
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
