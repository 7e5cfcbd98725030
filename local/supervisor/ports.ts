/** Are the ports free? Asked before anything is started, so that a taken one leaves nothing half up. */
import { createServer } from 'node:net'
import { type LocalConfig, portVariables } from '../../config.ts'
import { PortTakenError } from './errors.ts'
import type { Service } from './service.ts'

type PortName = keyof LocalConfig['ports']

/**
 * Tries every port that the services need.
 * @throws PortTakenError naming each one that cannot be had, who needs it and the variable that changes it
 */
export async function checkPorts(
  services: readonly Pick<Service, 'name' | 'ports'>[],
  ports: LocalConfig['ports'],
): Promise<void> {
  const needed = services.flatMap((service) => service.ports.map((port) => ({ service: service.name, port })))
  const problems: string[] = []
  const seen = new Map<number, PortName>()
  for (const { service, port } of needed) {
    const number = ports[port]
    const other = seen.get(number)
    seen.set(number, port)
    const reason = other ? `is also set by ${portVariables[other]}` : await whyNot(number)
    if (reason) problems.push(`Port ${number} ${reason}; ${service} needs it. Set ${portVariables[port]} to another.`)
  }
  if (problems.length > 0) throw new PortTakenError(problems.join('\n'))
}

function whyNot(port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) =>
    resolve(error.code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be used (${error.code})`),
  )
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)))
  return promise
}
