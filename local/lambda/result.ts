/** What the host and a function's process say to each other, and what an invocation comes to. */

export type FunctionError = {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: readonly string[]
}

/** How an invocation failed. `Throttled` never reached the function: too many were waiting, or for too long. */
export type FailureKind = 'Unhandled' | 'Timeout' | 'Crash' | 'Throttled'

export type InvokeResult =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly kind: FailureKind; readonly error: FunctionError }

export const failure = (kind: FailureKind, errorType: string, errorMessage: string): InvokeResult => ({
  ok: false,
  kind,
  error: { errorType, errorMessage, trace: [] },
})

/** Host to function. With `binaryBody`, the frame's body becomes `event.body` in base64. */
export type Invocation = {
  readonly requestId: string
  readonly functionName: string
  readonly functionArn: string
  readonly memoryMb: number
  /** Epoch milliseconds at which the host ends the process. */
  readonly deadline: number
  readonly traceId: string
  readonly binaryBody: boolean
  readonly event: unknown
}

/** Function to host. */
export type RuntimeMessage =
  | { readonly type: 'ready'; readonly initMs: number }
  | { readonly type: 'init-error'; readonly error: FunctionError }
  | { readonly type: 'result'; readonly requestId: string; readonly payload: unknown }
  | { readonly type: 'error'; readonly requestId: string; readonly error: FunctionError; readonly fatal: boolean }
