import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { GatewayParts } from '../../../local/gateway/app.ts'
import { createBodyBudget } from '../../../local/gateway/body.ts'
import { closeServer, createServer } from '../../../local/gateway/server.ts'
import type { InvokeResult } from '../../../local/lambda/host.ts'
import { limits } from '../../../platform.ts'
import { gatewayWith, tokenWith } from './gateway.ts'

// The machine may be busy with other tests.
vi.setConfig({ testTimeout: 20_000 })

let server: Server | undefined

async function listen(parts: Partial<GatewayParts> = {}) {
  const gateway = gatewayWith(parts)
  server = createServer(gateway.app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { ...gateway, port: (server.address() as AddressInfo).port, server }
}

afterEach(async () => {
  if (server?.listening) await closeServer(server, 0)
})

/** A client that says what it likes and keeps what it hears. */
function clientOf(port: number) {
  const socket: Socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  return {
    socket,
    say: (text: string | Uint8Array) => socket.write(text),
    /** Everything up to the close of the connection. */
    all: async () => {
      if (!socket.closed) await once(socket, 'close')
      return heard
    },
    /** As soon as a part has been heard. */
    hears: async (part: string) => {
      while (!heard.includes(part)) await once(socket, 'data')
      return heard
    },
    heard: () => heard,
  }
}

const head = (token: string, ...headers: string[]) =>
  [
    'POST /images HTTP/1.1',
    'Host: gateway.test',
    'Content-Type: image/jpeg',
    `Authorization: Bearer ${token}`,
    ...headers,
    '',
    '',
  ].join('\r\n')

describe('the gateway as a server', () => {
  it('does not ask for a body that it would refuse', async () => {
    const { port, invocations } = await listen()
    const client = clientOf(port)
    client.say(head('a.b.c', 'Expect: 100-continue', 'Content-Length: 1000000', 'Connection: close'))
    const heard = await client.all()
    expect(heard).toMatch(/^HTTP\/1\.1 401 /)
    expect(heard).not.toContain('100 Continue')
    expect(invocations).toEqual([])
  })

  it('asks for the body once the rest is good', async () => {
    const { port, invocations } = await listen()
    const client = clientOf(port)
    client.say(head(await tokenWith(), 'Expect: 100-continue', 'Content-Length: 3', 'Connection: close'))
    await client.hears('100 Continue')
    client.say('abc')
    expect(await client.all()).toContain('HTTP/1.1 202 Accepted')
    expect(String(Buffer.concat(invocations[0]?.options.binaryBody ?? []))).toBe('abc')
  })

  it('lets a sender that is still sending see that its body is too large', async () => {
    const { port, invocations } = await listen()
    const client = clientOf(port)
    client.say(head(await tokenWith(), 'Transfer-Encoding: chunked'))
    const chunk = Buffer.alloc(1024 * 1024)
    for (let sent = 0; sent <= limits.directUploadBytes + 2 * chunk.byteLength; sent += chunk.byteLength) {
      client.say(`${chunk.byteLength.toString(16)}\r\n`)
      client.say(chunk)
      client.say('\r\n')
    }
    const heard = await client.all()
    expect(heard).toContain('HTTP/1.1 413 ')
    expect(heard).toContain('body-too-large')
    expect(invocations).toEqual([])
  })

  it('gives up on a body that stops coming, says so and closes', async () => {
    const { port, invocations } = await listen({ bodyTimes: { idleMs: 50, totalMs: 1_000 } })
    const client = clientOf(port)
    client.say(head(await tokenWith(), 'Content-Length: 10'))
    client.say('abc')
    const heard = await client.all()
    expect(heard).toContain('HTTP/1.1 408 ')
    expect(heard).toContain('body-too-slow')
    expect(invocations).toEqual([])
  })

  it('gives up on a body that comes byte by byte', async () => {
    const { port, invocations } = await listen({ bodyTimes: { idleMs: 1_000, totalMs: 100 } })
    const client = clientOf(port)
    client.say(head(await tokenWith(), 'Content-Length: 1000'))
    const drip = setInterval(() => client.say('x'), 10)
    const heard = await client.hears('HTTP/1.1 408 ')
    clearInterval(drip)
    client.socket.destroy()
    expect(heard).toContain('HTTP/1.1 408 ')
    expect(invocations).toEqual([])
  })

  it('gives the room back when a sender hangs up', async () => {
    const budget = createBodyBudget(10, 1_000, 10)
    const { port, invocations, records } = await listen({ budget })
    const client = clientOf(port)
    client.say(head(await tokenWith(), 'Content-Length: 10'))
    client.say('abc')
    await expect.poll(() => budget.used, { timeout: 10_000 }).toBe(10)
    client.socket.destroy()
    await expect.poll(() => budget.used, { timeout: 10_000 }).toBe(0)
    await expect.poll(() => records, { timeout: 10_000 }).toHaveLength(1)
    expect(invocations).toEqual([])
  })

  it.each([
    ['nonsense', 'hello\r\n\r\n', 400],
    ['headers that are too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /images HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'a length and chunks',
      'POST /images HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('answers %s with a problem', async (_name, request, status) => {
    const { port } = await listen()
    const client = clientOf(port)
    client.say(request)
    const heard = await client.all()
    expect(heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(heard).toContain('application/problem+json')
  })

  it('finishes what is in flight before it closes, and takes nothing more', async () => {
    const answer = Promise.withResolvers<InvokeResult>()
    const called = Promise.withResolvers<void>()
    const { port, server } = await listen({
      invoke: () => {
        called.resolve()
        return answer.promise
      },
    })
    const client = clientOf(port)
    client.say(head(await tokenWith(), 'Content-Length: 3'))
    client.say('abc')
    await called.promise
    const closed = closeServer(server, 5_000)
    const [refused] = await once(connect(port, '127.0.0.1'), 'error')
    expect((refused as NodeJS.ErrnoException).code).toBe('ECONNREFUSED')
    answer.resolve({ ok: true, payload: { statusCode: 202, body: 'finished' } })
    expect(await client.all()).toContain('finished')
    await closed
  })
})

describe('the room for bodies', () => {
  it('makes a request wait, body unread, until there is room', async () => {
    const budget = createBodyBudget(10, 1_000, 10)
    const [first, second] = [await budget.reserve(6), budget.reserve(6)]
    expect([budget.used, budget.waiting]).toEqual([6, 1])
    first()
    const release = await second
    expect([budget.used, budget.waiting]).toEqual([6, 0])
    release()
    release()
    expect(budget.used).toBe(0)
  })

  it('lets a request without a body pass', async () => {
    const budget = createBodyBudget(10, 1_000, 10)
    await budget.reserve(10)
    budget.reserve(1)
    await budget.reserve(0)
  })

  it('refuses one that has waited too long, and one more than may wait', async () => {
    const budget = createBodyBudget(10, 20, 1)
    await budget.reserve(10)
    const waiting = budget.reserve(1)
    await expect(budget.reserve(1)).rejects.toMatchObject({ problem: { status: 503 } })
    await expect(waiting).rejects.toMatchObject({ problem: { status: 503 } })
    expect(budget.waiting).toBe(0)
  })
})
