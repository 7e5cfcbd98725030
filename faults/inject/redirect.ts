/** Sends connections to the stores through the proxies of a fault run, whichever library opens them. */
import { Socket } from 'node:net'

type Target = { port?: number | string }

/** @param onConnect sees each socket with the port that was really asked for */
export function redirectConnections(
  redirect: Readonly<Record<string, number>>,
  onConnect: (socket: Socket, port: number) => void = () => {},
): void {
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    // net.connect hands over its normalized arguments as one array: [options, callback].
    const normalized = Array.isArray(args[0])
    const first = (normalized ? (args[0] as unknown[])[0] : args[0]) as Target | number
    const port = Number(typeof first === 'object' && first !== null ? first.port : first)
    const instead = redirect[port]
    // Afterwards, because connecting puts a socket's own methods back to what they were.
    const begin = () => {
      connect.apply(this, args)
      if (Number.isInteger(port)) onConnect(this, port)
      return this
    }
    if (instead === undefined) return begin()
    // A copy: an HTTP agent knows its idle connections by the options that they were opened with.
    if (typeof first === 'object') {
      const options = { ...first, port: instead }
      // What net.connect normalized is marked by a symbol on the array, which has to stay.
      if (normalized) (args[0] as unknown[])[0] = options
      else args[0] = options
    } else args[0] = instead
    return begin()
  } as typeof Socket.prototype.connect
}
