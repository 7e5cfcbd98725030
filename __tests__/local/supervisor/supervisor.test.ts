import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createSupervisor } from '../../../local/supervisor/supervisor.ts'
import { isAlive } from '../../support/processes.ts'
import { fakeService, listener, pidOf, temporaryHome, wellBehaved } from './fake-service.ts'

async function supervise() {
  const home = await temporaryHome()
  const { say, ...heard } = listener()
  const supervisor = createSupervisor({ home, say })
  onTestFinished(() => supervisor.kill())
  return { home, supervisor, ...heard }
}

/** Writes the time of its end into its log. */
const noteEnd = `
  process.send({ type: 'ready' })
  process.on('SIGTERM', () => { console.log(process.hrtime.bigint().toString()); setTimeout(() => process.exit(0), 50) })
  setInterval(() => {}, 1000)`

test('services are stopped in the reverse order of their groups', async () => {
  const { home, supervisor } = await supervise()
  await supervisor.start(fakeService(noteEnd, { name: 'database' }), 1)
  await supervisor.start(fakeService(noteEnd, { name: 'gateway' }), 2)
  await supervisor.stop()
  const endOf = async (name: string) => BigInt(await readFile(`${home}/logs/${name}.log`, 'utf8'))
  expect(await endOf('gateway')).toBeLessThan(await endOf('database'))
})

test('one service that cannot start leaves the others to be stopped', async () => {
  const { home, supervisor } = await supervise()
  await supervisor.start(fakeService(wellBehaved, { name: 'database' }), 1)
  await expect(supervisor.start(fakeService('process.exit(1)', { name: 'gateway' }), 2)).rejects.toThrow('gateway')
  const pid = await pidOf(home, 'database')
  await supervisor.stop()
  expect(isAlive(pid)).toBe(false)
})

test('nothing is started once stopping has begun', async () => {
  const { supervisor } = await supervise()
  await supervisor.stop()
  await expect(supervisor.start(fakeService(wellBehaved), 1)).rejects.toThrow('stopping')
})

test('killing ends everything at once, even what ignores SIGTERM', async () => {
  const { home, supervisor, lines } = await supervise()
  const stubborn = "process.on('SIGTERM', () => {}); process.send({ type: 'ready' }); setInterval(() => {}, 1000)"
  await supervisor.start(fakeService(stubborn), 1)
  const pid = await pidOf(home)
  supervisor.kill()
  await expect.poll(() => isAlive(pid)).toBe(false)
  expect(lines).toEqual([])
})
