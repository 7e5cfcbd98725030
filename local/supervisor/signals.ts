/** Ends the platform in order when the person, the system or the launcher asks for it. */
import type { Say } from './keep-up.ts'
import type { Supervisor } from './supervisor.ts'

/**
 * The first request stops every service in order, the second kills what is left. The process ends afterwards.
 * A launcher that gave us a channel asks by closing it, however it ended itself.
 */
export function onStopRequest({ supervisor, say }: { supervisor: Supervisor; say: Say }): void {
  let asked = false
  const request = async (why: string) => {
    if (asked) {
      say('killing everything at once')
      supervisor.kill()
      process.exit(130)
    }
    asked = true
    say(`${why}: stopping (again to kill at once)`)
    await supervisor.stop()
    say('stopped; the data stays')
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void request(signal))
  if (process.channel) process.once('disconnect', () => void request('the launcher has ended'))
  // Whatever ends us, and where the kernel does not take children along: nothing stays behind.
  process.on('exit', () => supervisor.kill())
  // A terminal that has gone away is no reason to die in the middle of stopping.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}
