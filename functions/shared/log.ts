/** Structured logs: one JSON line each, with the request and, where there is one, the image id. Never names or tokens. */
import { Logger } from '@aws-lambda-powertools/logger'

/** Powertools reads service name and level from the function's declared variables. */
export const createLogger = (): Logger => new Logger()
export type { Logger }
