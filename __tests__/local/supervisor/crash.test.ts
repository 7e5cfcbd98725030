/** What is left when a supervisor itself is killed. Real supervisors, in processes of their own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { belongsTo, stopStale } from '../../../local/supervisor/stale.ts'
import { isAlive, untilGone } from '../../support/processes.ts'
import { pidOf, temporaryHome } from './fake-service.ts'

const supervisorFolder = join(import.meta.dirname, '../../../local/supervisor')

/** A supervisor of one process that ignores everything, even the end of its channel. */
async function startSupervisor(home: string) {
  const script = `
    import { createSupervisor } from '${supervisorFolder}/supervisor.ts'
    const supervisor = createSupervisor({ home: ${JSON.stringify(home)}, say: console.error })
    await supervisor.start({
      name: 'fake', ports: [], dataFolders: [], channel: true, startLimitMs: 20000, stopLimitMs: 1000,
      prepare: async () => ({ file: process.execPath, args: ['-e',
        "process.on('SIGTERM', () => {}); process.send({ type: 'ready' }); setInterval(() => {}, 1000)"] }),
    }, 1)
    console.log('up')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('a process does not outlive a supervisor that is killed', async () => {
  const home = await temporaryHome()
  const supervisor = await startSupervisor(home)
  const pid = await pidOf(home)
  supervisor.kill('SIGKILL')
  await untilGone(pid)
})

test('a process left over from an earlier run is found by its pid file and stopped', async () => {
  const home = await temporaryHome()
  // As where the kernel does not end children with their parent: a process with our home in its command line.
  const script = "process.on('SIGTERM', () => process.exit(0)); console.log('up'); setInterval(() => {}, 1000)"
  const left = spawn(process.execPath, ['-e', script, '--', `--home=${home}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void left.kill('SIGKILL'))
  await once(left.stdout, 'data')
  await writePid(home, 'gateway', left.pid)
  expect(await stopStale(home)).toEqual(['gateway'])
  expect(isAlive(left.pid as number)).toBe(false)
  expect(await stopStale(home)).toEqual([])
})

test('a stranger who has got the pid of an earlier process is left alone', async () => {
  const home = await temporaryHome()
  const stranger = spawn(process.execPath, ['-e', "console.log('up'); setInterval(() => {}, 1000)"])
  onTestFinished(() => void stranger.kill('SIGKILL'))
  await once(stranger.stdout, 'data')
  await writePid(home, 'gateway', stranger.pid)
  expect(await stopStale(home)).toEqual([])
  expect(isAlive(stranger.pid as number)).toBe(true)
})

test.each([
  ['kafka', ['java', 'kafka.Kafka', '/h/data/kafka/server.properties'], true],
  ['gateway', ['node', 'local/gateway/main.ts', '--home=/h'], true],
  ['function-process-1', ['node', '/somewhere/local/lambda/runtime.ts', '/somewhere/dist/functions/process'], true],
  ['gateway', ['node', 'local/gateway/main.ts', '--home=/h2'], false],
  ['kafka', ['vi', '/other/h/notes'], false],
  ['kafka', [''], false],
])('whether a process of %s belongs to a home is read from its command line %j', (name, args, expected) => {
  expect(belongsTo('/h', name, args.join('\0'))).toBe(expected)
})

async function writePid(home: string, name: string, pid: number | undefined) {
  await mkdir(join(home, 'pids'), { recursive: true })
  await writeFile(join(home, 'pids', `${name}.pid`), String(pid))
}
