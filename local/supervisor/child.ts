/** One process: started so that it cannot outlive its supervisor, with its log and pid file, and stopped in steps. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openLog } from './logs.ts'
import type { Command } from './service.ts'
import { tied } from './tied.ts'

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly error?: Error }

export type Child = {
  readonly pid: number | undefined
  /** Settles when the process has ended, or could not be started. Never rejects. */
  readonly exited: Promise<Exit>
  /** Settles when the process has sent `{ type: 'ready' }`. */
  readonly saidReady: Promise<void>
  /** SIGTERM, then SIGKILL after the limit; returns when it has ended. */
  stop(limitMs: number): Promise<void>
  /** SIGKILL to the process and all its descendants, at once. */
  kill(): void
}

/** Starts a process in a group of its own, so that Ctrl-C reaches only the supervisor, which then stops in order. */
export async function startChild(
  name: string,
  command: Command,
  { home, channel }: { home: string; channel: boolean },
): Promise<Child> {
  const log = await openLog(home, name)
  const { file, args } = tied(command.file, command.args)
  const child = spawn(file, args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd, ...(channel ? (['ipc'] as const) : [])],
  })
  const pidFile = join(home, 'pids', `${name}.pid`)
  const exited = exitOf(child).then((exit) => {
    rmSync(pidFile, { force: true })
    return exit
  })
  const saidReady = readyOf(child)
  // At once: a supervisor that is killed now must be able to find this process again.
  if (child.pid !== undefined) writeFileSync(pidFile, `${child.pid}\n`)
  await log.close()
  return {
    pid: child.pid,
    exited,
    saidReady,
    kill: () => {
      if (!hasEnded(child)) killGroup(child)
    },
    async stop(limitMs) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => killGroup(child), limitMs)
      await exited
      clearTimeout(timer)
    },
  }
}

function exitOf(child: ChildProcess): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  child.once('error', (error) => {
    if (child.pid === undefined) resolve({ code: null, signal: null, error })
  })
  child.once('exit', (code, signal) => {
    // What the process itself had started is in its group, and must not stay behind.
    killGroup(child)
    resolve({ code, signal })
  })
  return promise
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

function readyOf(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  child.on('message', (message: unknown) => {
    if (message && typeof message === 'object' && 'type' in message && message.type === 'ready') resolve()
  })
  return promise
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ESRCH: nobody of the group is left.
  }
}
