/** What is left when a supervisor itself is killed. Real supervisors, in processes of their own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { stopStale } from '../../../local/supervisor/stale.ts'
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

/** A process whose output goes to a file, as where the kernel did not end it with its supervisor. */
async function leftOver(home: string, log: string) {
  await mkdir(join(home, 'logs'), { recursive: true })
  await mkdir(join(home, 'pids'), { recursive: true })
  const file = await open(log, 'a')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: ['ignore', file.fd, file.fd] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await file.close()
  await writeFile(join(home, 'pids', 'gateway.pid'), String(child.pid))
  return child.pid as number
}

test('a process left over from an earlier run is found by its pid file and stopped', async () => {
  const home = await temporaryHome()
  const pid = await leftOver(home, join(home, 'logs', 'gateway.log'))
  expect(await stopStale(home)).toEqual(['gateway'])
  expect(isAlive(pid)).toBe(false)
  expect(await stopStale(home)).toEqual([])
})

test('a stranger who has got the pid of an earlier process is left alone, another home’s gateway included', async () => {
  const home = await temporaryHome()
  const other = await temporaryHome()
  await mkdir(join(other, 'logs'))
  const pid = await leftOver(home, join(other, 'logs', 'gateway.log'))
  expect(await stopStale(home)).toEqual([])
  expect(isAlive(pid)).toBe(true)
})

test('a pid file without sense stops nobody', async () => {
  const home = await temporaryHome()
  await mkdir(join(home, 'pids'))
  for (const [name, text] of Object.entries({ a: '', b: 'x', c: '-1', d: '1', e: '4194304999' })) {
    await writeFile(join(home, 'pids', `${name}.pid`), text)
  }
  expect(await stopStale(home)).toEqual([])
})
