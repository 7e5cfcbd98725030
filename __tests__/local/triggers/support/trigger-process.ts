/** The triggers' process as `local/triggers/main.ts` is one, with a topic and a function of the test's. */
import { localConfig } from '../../../../config.ts'
import { createFunctionHost } from '../../../../local/lambda/host.ts'
import { createProcessTrigger, type TriggerOverrides } from '../../../../local/triggers/process-trigger.ts'

export type Assignment = {
  readonly variables: Readonly<Record<string, string>>
  readonly bundle: string
  readonly timeoutSeconds: number
  readonly overrides: TriggerOverrides
}

const { variables, bundle, timeoutSeconds, overrides } = JSON.parse(process.argv[2] ?? '') as Assignment
const config = localConfig(variables)
const host = createFunctionHost('process', { config, bundle, environment: {}, timeoutSeconds })
const trigger = await createProcessTrigger(
  config,
  { invoke: (event, requestId) => host.invoke(event, { requestId }), log: (...line) => console.log(...line) },
  overrides,
)
process.once('SIGTERM', async () => {
  await trigger.stop(1_000)
  await host.stop(0)
  process.exit(0)
})
process.once('disconnect', () => process.exit(1))
trigger.start()
await trigger.ready()
process.send?.({ type: 'ready' })
