/**
 * The function's side: what Lambda's Node.js runtime does in one process. Loads the bundle, then takes one event at a
 * time from file descriptor 3. Ends when the host's end of the channel closes, so no function outlives its host.
 */
import { pathToFileURL } from 'node:url'
import type { Context } from 'aws-lambda'
import { type Frame, frameReader, openChannel, writeFrame } from '../../functions/shared/frames.ts'
import type { FunctionError, Invocation, RuntimeMessage } from './result.ts'

const channelDescriptor = 3
const [, , bundle] = process.argv

/** Lambda's Node.js 24 runtime takes promises only, no callbacks. */
type RuntimeContext = Omit<Context, 'done' | 'fail' | 'succeed'>
type Handler = (event: unknown, context: RuntimeContext) => unknown

let handler: Handler | undefined
let current: Invocation | undefined

const channel = openChannel(channelDescriptor, frameReader<Invocation>(invoke))
channel.on('close', () => process.exit())
channel.on('error', () => process.exit())
const send = (message: RuntimeMessage): void => writeFrame(channel, message)

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
// The host decides when a function ends; Ctrl-C in a terminal reaches the whole process group.
process.on('SIGINT', () => {})

initialize().catch(fail)

async function initialize(): Promise<void> {
  const start = performance.now()
  const module = (await import(pathToFileURL(bundle ?? '').href)) as { handler?: Handler }
  if (typeof module.handler !== 'function') throw new TypeError(`${bundle} exports no function called handler`)
  handler = module.handler
  send({ type: 'ready', initMs: performance.now() - start })
}

async function invoke({ message, body }: Frame<Invocation>): Promise<void> {
  current = message
  const { requestId } = message
  process.env._X_AMZN_TRACE_ID = message.traceId
  const event = message.binaryBody
    ? { ...(message.event as object), body: body.toString('base64'), isBase64Encoded: true }
    : message.event
  let outcome: RuntimeMessage
  try {
    if (!handler) throw new Error('The handler has not been loaded')
    outcome = { type: 'result', requestId, payload: (await handler(event, contextOf(message))) ?? null }
  } catch (thrown) {
    console.error(thrown)
    outcome = { type: 'error', requestId, error: describe(thrown), fatal: false }
  }
  current = undefined
  send(outcome)
}

/** As on Lambda: a process with an unhandled error does not take another event. */
function fail(thrown: unknown): void {
  console.error(thrown)
  const error = describe(thrown)
  send(current ? { type: 'error', requestId: current.requestId, error, fatal: true } : { type: 'init-error', error })
  channel.end(() => process.exit(1))
}

function contextOf(invocation: Invocation): RuntimeContext {
  return {
    awsRequestId: invocation.requestId,
    functionName: invocation.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: String(invocation.memoryMb),
    logGroupName: `/aws/lambda/${invocation.functionName}`,
    logStreamName: `local/${process.pid}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  }
}

function describe(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] }
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') }
}
