/**
 * Preload of a function's process in a fault run: at the n-th call to a store it kills or stops the process or cuts
 * the connection, as the run's rules say. A call is a request to S3 or DynamoDB, or a record sent to Kafka; before and
 * after each lie all the step boundaries of the functions' code at which a crash can leave something half done.
 */
import { subscribe } from 'node:diagnostics_channel'
import { linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { callNameOf, produceName } from './call-names.ts'
import { redirectConnections } from './redirect.ts'
import { type Claim, callsFolder, claimFile, type Rule, readSettings, rulesFile } from './settings.ts'

const settings = readSettings(import.meta.url)
const name = new URL(import.meta.url).searchParams.get('name') ?? ''
const { folder, ports } = settings

let rules: readonly Rule[] = []
let readAt = -1
const passed = new Map<string, number>()
const seen = new Set<string>()

function currentRules(): readonly Rule[] {
  const file = rulesFile(folder)
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (changed !== readAt) {
    readAt = changed
    const all = changed === 0 ? [] : (JSON.parse(readFileSync(file, 'utf8')) as Rule[])
    rules = all.filter((rule) => rule.function === name)
  }
  return rules
}

/** Runs when a call begins or has been answered. @param cut breaks its connection */
function boundary(call: string, when: Rule['when'], cut: () => void): void {
  note(call)
  for (const rule of currentRules()) {
    if (rule.when !== when || !new RegExp(rule.call).test(call)) continue
    const count = passed.get(rule.id) ?? 0
    passed.set(rule.id, count + 1)
    if (count >= rule.skip && claim(rule, call)) {
      strike(rule.action, cut)
      return
    }
  }
}

function note(call: string): void {
  if (seen.has(call)) return
  seen.add(call)
  writeFileSync(`${callsFolder(folder)}/${name} ${call.replaceAll('/', '_')}`, '')
}

/** Of all processes of a function one is struck. */
function claim(rule: Rule, call: string): boolean {
  const mine: Claim = { call, pid: process.pid, at: Date.now() }
  // Written first and then named: whoever sees a claim reads all of it. Only one can have the name.
  const draft = `${claimFile(folder, rule.id)}.${process.pid}`
  writeFileSync(draft, JSON.stringify(mine))
  try {
    linkSync(draft, claimFile(folder, rule.id))
    return true
  } catch {
    return false
  } finally {
    unlinkSync(draft)
  }
}

function strike(action: Rule['action'], cut: () => void): void {
  if (action === 'cut') cut()
  else process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP')
}

const reset = () => Object.assign(new Error('The connection was cut by a fault run'), { code: 'ECONNRESET' })
const callOf = (request: ClientRequest) =>
  callNameOf(
    {
      method: request.method,
      path: request.path,
      port: Number(String(request.getHeader('host')).split(':')[1]),
      target: String(request.getHeader('x-amz-target') ?? ''),
    },
    ports,
  )

subscribe('http.client.request.created', (message) => {
  const { request } = message as { request: ClientRequest }
  const call = callOf(request)
  if (call) boundary(call, 'before', () => request.destroy(reset()))
})
subscribe('http.client.response.finish', (message) => {
  const { request } = message as { request: ClientRequest }
  const call = callOf(request)
  if (call) boundary(call, 'after', () => withhold(request))
})

/** The answer has come and nobody is told: seen without its body, the SDK would take it for an empty one, not a broken one. */
function withhold(request: ClientRequest): void {
  request.removeAllListeners('response')
  request.destroy(reset())
}

/** Kafka's protocol: size (4 bytes), then the number of the request; 0 is Produce. */
const isProduce = (chunk: unknown) => Buffer.isBuffer(chunk) && chunk.length > 6 && chunk.readInt16BE(4) === 0

redirectConnections(settings.redirect, (socket, port) => {
  if (port === ports.kafka) watchProduce(socket)
})

function watchProduce(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  let waiting = false
  const cut = () => socket.destroy(reset())
  socket.write = ((...args: unknown[]) => {
    if (isProduce(args[0])) {
      boundary(produceName, 'before', cut)
      waiting = true
    }
    return write(...args)
  }) as typeof socket.write
  socket.prependListener('data', () => {
    if (!waiting) return
    waiting = false
    boundary(produceName, 'after', cut)
  })
}
