/** Which triggers there are, and who runs them: the variable TRIGGER_CONTROL says it. */
import { lambdaTriggers } from './trigger-lambda.ts'
import { localTriggers } from './trigger-local.ts'
import type { TriggerPort } from './trigger-port.ts'

/**
 * @param control the variable TRIGGER_CONTROL, see `env.ts`
 * @throws Error for a value of another form
 */
export function createTriggerPort(control: string): TriggerPort {
  const [kind, rest = ''] = split(control)
  if (kind === 'unix') return localTriggers(rest)
  if (kind === 'lambda')
    return lambdaTriggers(new Map(rest.split(',').map((pair) => split(pair, '=') as [string, string])))
  throw new Error(`TRIGGER_CONTROL starts with ${kind}: it must be unix: or lambda:`)
}

function split(text: string, by = ':'): string[] {
  const at = text.indexOf(by)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
