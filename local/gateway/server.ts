/** The gateway's HTTP server: what has to be settled below the application. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { problemContentType, problemOf } from '../../contract/problem.ts'
import type { GatewayEnvironment } from './app.ts'

/** Longer than a browser pauses between two requests on a connection. */
const keepAliveMs = 30_000

export function createServer(app: Hono<GatewayEnvironment>): Server {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.keepAliveTimeout = keepAliveMs
  // Node would count the time that a request waits for its turn; `body.ts` has limits of its own.
  server.requestTimeout = 0
  // The body is asked for only once everything else about the request has been found good.
  server.on('checkContinue', (request, response) => server.emit('request', request, response))
  server.on('clientError', answerClientError)
  return server
}

/** What Node's parser refuses never reaches the application. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(problemOf(parserProblem(error.code)))
  const { status } = parserProblem(error.code)
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status]}\r\ncontent-type: ${problemContentType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

function parserProblem(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW')
    return { status: 431, code: 'headers-too-large', detail: 'The headers are too large' }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, code: 'request-too-slow', detail: 'The request did not arrive in time' }
  return { status: 400, code: 'malformed-request', detail: 'The request is not HTTP' }
}

/** Takes no more requests, lets those in flight finish, and closes what is left after the grace period. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  // A connection that answers its last request now would be kept alive for the next one.
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  await closed
  clearTimeout(timer)
  clearInterval(sweep)
}
