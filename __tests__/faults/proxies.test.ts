import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redirectConnections } from '../../faults/inject/redirect.ts'
import { type LinkProxy, startProxy } from '../../faults/proxies.ts'

let echo: Server
let proxy: LinkProxy
const port = () => (echo.address() as AddressInfo).port

beforeEach(async () => {
  echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await startProxy(port())
})
afterEach(async () => {
  await proxy.close()
  echo.close()
})

async function open(to = proxy.port): Promise<Socket> {
  // What a proxy breaks, it breaks with a reset.
  const socket = connect(to, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function answerTo(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [data] = await once(socket, 'data')
  return String(data)
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => void socket.on('error', () => {}).on('close', () => resolve()))

describe('a proxy', () => {
  it('lets everything through when it is open', async () => {
    expect(await answerTo(await open(), 'a')).toBe('a')
  })

  it('that is cut breaks what is open, takes nothing new, and is healed', async () => {
    const before = await open()
    await answerTo(before, 'a')
    const broken = closed(before)
    proxy.set({ kind: 'cut' })
    await broken
    await closed(connect(proxy.port, '127.0.0.1'))
    proxy.set({ kind: 'open' })
    expect(await answerTo(await open(), 'b')).toBe('b')
  })

  it('that is slow keeps bytes back, and their order', async () => {
    proxy.set({ kind: 'slow', delayMs: 100 })
    const began = performance.now()
    expect(await answerTo(await open(), 'a')).toBe('a')
    expect(performance.now() - began).toBeGreaterThanOrEqual(190)
  })

  it('that is a hole swallows bytes, and breaks what had lost some when it is healed', async () => {
    const socket = await open()
    await answerTo(socket, 'a')
    proxy.set({ kind: 'hole' })
    let heard = false
    socket.on('data', () => {
      heard = true
    })
    const broken = closed(socket)
    socket.write('lost')
    setTimeout(() => proxy.set({ kind: 'open' }), 100)
    await broken
    expect(heard).toBe(false)
  })
})

it('connections are redirected by port, whoever opens them, and the real port is known', async () => {
  const unused = 1
  const asked: number[] = []
  const written: unknown[] = []
  redirectConnections({ [unused]: proxy.port }, (socket, to) => {
    asked.push(to)
    // The proxy runs in this process, too, and its connections are its own business.
    if (to !== unused) return
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
    socket.write = ((...args: unknown[]) => written.push(args[0]) > 0 && write(...args)) as typeof socket.write
  })
  expect(await answerTo(await open(unused), 'a')).toBe('a')
  expect(asked).toContain(unused)
  expect(written).toEqual(['a'])
})
