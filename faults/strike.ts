/** Doing to the platform what the schedule says, and noting what came of it. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { topics } from '../platform.ts'
import { type Claim, claimFile, type Rule } from './inject/settings.ts'
import type { FaultPlatform } from './platform.ts'
import type { Fault, FaultKind, PartName, WorkerName } from './schedule.ts'
import { produceCopies, readTopic } from './topic.ts'

/** A fault that has been done. */
export type Struck = {
  readonly at: number
  readonly kind: FaultKind
  readonly target: string
  /** For faults at a call: which one, and on which side of it. */
  readonly call?: string
}

export type Striker = {
  strike(fault: Fault): Promise<void>
  readonly struck: readonly Struck[]
  /** Lets everything that was stopped or cut go on. */
  heal(): Promise<void>
}

/** A part that does not come back within this is left to the check at the end. */
const backWithinMs = 60_000
/** A call that is not reached within this is not waited for: the process is struck wherever it is. */
const reachedWithinMs = 6_000
/** Milliseconds between looks. */
const everyMs = 25

export function createStriker(platform: FaultPlatform): Striker {
  const struck: Struck[] = []
  const rules = new Map<string, Rule>()
  const stopped = new Set<number>()
  let number = 0

  const done = (kind: FaultKind, target: string, call?: string) =>
    struck.push({ at: Date.now(), kind, target, ...(call && { call }) })

  /** @returns whether there was such a process */
  function signal(pid: number | undefined, name: NodeJS.Signals): boolean {
    if (pid === undefined) return false
    try {
      process.kill(pid, name)
    } catch {
      return false
    }
    if (name === 'SIGSTOP') stopped.add(pid)
    if (name === 'SIGCONT') stopped.delete(pid)
    return true
  }

  async function until(holds: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
    for (const deadline = performance.now() + limitMs; performance.now() < deadline; await pause(everyMs)) {
      if (await holds()) return true
    }
    return false
  }

  const pidsOf = async (worker: WorkerName): Promise<number[]> => {
    const found = await Promise.all([1, 2, 3].map((n) => platform.pidOf(`function-${worker}-${n}`)))
    return found.filter((pid) => pid !== undefined)
  }
  const untilBack = (part: PartName, before: number | undefined) =>
    until(async () => {
      const now = await platform.pidOf(part)
      return now !== undefined && now !== before
    }, backWithinMs)

  async function strikePart(kind: 'kill' | 'restart', part: PartName): Promise<void> {
    let pid: number | undefined
    // It may be on its way up from the last time.
    const struckIt = await until(async () => {
      pid = await platform.pidOf(part)
      return signal(pid, kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
    }, backWithinMs)
    if (!struckIt) return
    done(kind, part)
    await untilBack(part, pid)
  }

  async function stopFor(kind: FaultKind, target: string, pid: number | undefined, ms: number): Promise<void> {
    if (!signal(pid, 'SIGSTOP')) return
    done(kind, target)
    await pause(ms)
    signal(pid, 'SIGCONT')
  }

  /** Scheduled functions run when they are called. */
  function provoke(worker: WorkerName): void {
    if (worker === 'republish' || worker === 'purge') platform.invoke(worker, Date.now() + 90_000).catch(() => {})
  }

  async function strikeAt(fault: Extract<Fault, { when: unknown }>): Promise<void> {
    const { worker, skip, when, ms } = fault
    const action = ({ 'kill-at': 'kill', 'stop-at': 'stop', 'cut-at': 'cut' } as const)[fault.kind]
    const id = `rule-${number++}`
    const claimed = () => existsSync(claimFile(platform.folder, id))
    arm({ id, function: worker, call: '', skip, when, action })
    provoke(worker)
    const reached = await until(claimed, reachedWithinMs)
    disarm(id)
    // It may have struck at the last moment.
    if (!reached && !claimed()) return strikeAnywhere(fault)
    const { call, pid } = JSON.parse(readFileSync(claimFile(platform.folder, id), 'utf8')) as Claim
    done(fault.kind, worker, `${when} ${call}`)
    if (action !== 'stop') return
    stopped.add(pid)
    await pause(ms)
    signal(pid, 'SIGCONT')
  }

  /** Its process was idle, or made no such call: a kill is a kill all the same. */
  async function strikeAnywhere({ kind, worker }: Extract<Fault, { when: unknown }>): Promise<void> {
    if (kind === 'kill-at') await killWorker(worker)
  }

  async function killWorker(worker: WorkerName): Promise<void> {
    provoke(worker)
    await until(async () => {
      const [pid] = await pidsOf(worker)
      return signal(pid, 'SIGKILL')
    }, backWithinMs)
    done('kill-worker', worker)
  }

  function arm(rule: Rule): void {
    rules.set(rule.id, rule)
    platform.setRules([...rules.values()])
  }
  function disarm(id: string): void {
    rules.delete(id)
    platform.setRules([...rules.values()])
  }

  async function again(kind: 'duplicates' | 'reorder', count: number): Promise<void> {
    const { kafka } = platform.config.urls
    const records = (await readTopic(kafka, topics.images.name)).slice(-count)
    const copies = kind === 'duplicates' ? [...records, ...records] : records.reverse()
    await produceCopies(kafka, topics.images.name, copies)
    done(kind, `${copies.length} events`)
  }

  async function network(fault: Extract<Fault, { link: unknown }>): Promise<void> {
    const { kind, link, ms, delayMs } = fault
    platform.proxies[link].set(kind === 'slow' ? { kind, delayMs } : { kind })
    done(kind, link)
    await pause(ms)
    platform.proxies[link].set({ kind: 'open' })
  }

  return {
    struck,
    async strike(fault) {
      switch (fault.kind) {
        case 'kill':
        case 'restart':
          return strikePart(fault.kind, fault.part)
        case 'stop':
          return stopFor(fault.kind, fault.part, await platform.pidOf(fault.part), fault.ms)
        case 'kill-worker':
          return killWorker(fault.worker)
        case 'stop-worker':
          return stopFor(fault.kind, fault.worker, (await pidsOf(fault.worker))[0], fault.ms)
        case 'kill-at':
        case 'stop-at':
        case 'cut-at':
          return strikeAt(fault)
        case 'cut':
        case 'hole':
        case 'slow':
          return network(fault)
        case 'duplicates':
        case 'reorder':
          return again(fault.kind, fault.count)
        case 'jump':
          done('jump', `${fault.worker} by ${fault.ms / 60_000} min`)
          await platform.invoke(fault.worker, Date.now() + fault.ms).catch(() => {})
      }
    },
    async heal() {
      platform.setRules([])
      for (const pid of [...stopped]) signal(pid, 'SIGCONT')
      for (const proxy of Object.values(platform.proxies)) proxy.set({ kind: 'open' })
    },
  }
}
