/**
 * TCP proxies on loopback between the parts: what goes through them can be cut, delayed or swallowed, as a network
 * does. They run in the process of the fault run itself.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export const links = ['gateway', 's3', 'dynamodb', 'kafka'] as const
export type Link = (typeof links)[number]

/** `open`: as if it were not there. `cut`: connections break and none is taken. `hole`: bytes vanish. */
export type LinkState = { readonly kind: 'open' | 'cut' | 'hole' } | { readonly kind: 'slow'; readonly delayMs: number }

export type LinkProxy = {
  readonly port: number
  set(state: LinkState): void
  close(): Promise<void>
}

/** @param target port on loopback to which connections go on */
export async function startProxy(target: number): Promise<LinkProxy> {
  let state: LinkState = { kind: 'open' }
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: false }, (near) => {
    if (state.kind === 'cut') return void near.destroy()
    const far = connect(target, '127.0.0.1')
    for (const socket of [near, far]) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.on('close', () => open.delete(socket))
    }
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.pipe(delaying(() => state)).pipe(far)
    far.pipe(delaying(() => state)).pipe(near)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const breakAll = () => {
    for (const socket of open) socket.resetAndDestroy()
  }
  return {
    port: portOf(server),
    set(next) {
      // What has swallowed bytes cannot go on as if nothing had been: both sides must begin anew.
      if (next.kind === 'cut' || state.kind === 'hole') breakAll()
      state = next
    },
    async close() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      breakAll()
      await closed.promise
    },
  }
}

/** Keeps the order: each piece waits for the one before it. */
function delaying(state: () => LinkState): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      const current = state()
      if (current.kind === 'hole') return done()
      if (current.kind === 'slow') return void setTimeout(() => done(null, chunk), current.delayMs)
      done(null, chunk)
    },
  })
}

const portOf = (server: Server): number => (server.address() as { port: number }).port
