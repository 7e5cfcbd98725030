import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ServiceStartError } from '../../../local/supervisor/errors.ts'
import { type Keeper, keepUp } from '../../../local/supervisor/keep-up.ts'
import type { Service } from '../../../local/supervisor/service.ts'
import { isAlive, untilGone } from '../../support/processes.ts'
import { fakeService, listener, pidOf, temporaryHome, wellBehaved } from './fake-service.ts'

async function keeperOf(service: Service) {
  const home = await temporaryHome()
  const { say, ...heard } = listener()
  const keeper: Keeper = keepUp(service, { home, say })
  onTestFinished(() => keeper.kill())
  return { home, keeper, ...heard }
}

test('a service is up when it has said so', async () => {
  const { home, keeper } = await keeperOf(fakeService(wellBehaved))
  await keeper.start()
  expect(isAlive(await pidOf(home))).toBe(true)
})

test('a service with a probe is up when the probe stops throwing', async () => {
  let asked = 0
  const probe = async () => {
    if (++asked < 4) throw new Error('not yet')
  }
  const { keeper } = await keeperOf(fakeService(wellBehaved, { probe }))
  await keeper.start()
  expect(asked).toBe(4)
})

test('a process that is killed is started again, and what happened is said', async () => {
  const { home, keeper, heard } = await keeperOf(fakeService(wellBehaved))
  await keeper.start()
  const first = await pidOf(home)
  process.kill(first, 'SIGKILL')
  await heard(/fake was ended by SIGKILL; starting it again in 0\.2 s/)
  await heard(/fake answers again/)
  const second = await pidOf(home, 'fake', first)
  expect(isAlive(second)).toBe(true)
})

test('a service that does not come up again is tried for ever, with growing pauses', async () => {
  const home = await temporaryHome()
  const flag = join(home, 'works')
  writeFileSync(flag, '')
  const script = `require('node:fs').existsSync(${JSON.stringify(flag)}) || process.exit(3); ${wellBehaved}`
  const { say, heard } = listener()
  const keeper = keepUp(fakeService(script), { home, say })
  onTestFinished(() => keeper.kill())
  await keeper.start()
  rmSync(flag)
  process.kill(await pidOf(home), 'SIGKILL')
  await heard(/ended with code 3; starting it again in 0\.4 s/)
  await heard(/ended with code 3; starting it again in 0\.8 s/)
  writeFileSync(flag, '')
  await heard(/answers again/)
})

test('a service that cannot start ends the wait with the last lines of its log', async () => {
  const { home, keeper } = await keeperOf(fakeService("console.error('no such disk'); process.exit(2)"))
  const failure = await keeper.start().catch((error) => error)
  expect(failure).toBeInstanceOf(ServiceStartError)
  expect(failure.message).toContain('fake ended with code 2')
  expect(failure.message).toContain('no such disk')
  expect(failure.message).toContain(join(home, 'logs', 'fake.log'))
})

test('a service that never answers is given up after its limit and does not stay behind', async () => {
  const { home, keeper } = await keeperOf(fakeService('setInterval(() => {}, 1000)', { startLimitMs: 300 }))
  const start = keeper.start()
  const pid = await pidOf(home)
  await expect(start).rejects.toThrow('did not answer within 0.3 s')
  await untilGone(pid)
})

test('a program that does not exist is a start that failed', async () => {
  const prepare = async () => ({ file: '/no/such/program', args: [] })
  const { keeper } = await keeperOf(fakeService('', { prepare }))
  await expect(keeper.start()).rejects.toThrow(/\/no\/such\/program/)
})

test('a stopped service is not started again', async () => {
  const { home, keeper, lines } = await keeperOf(fakeService(wellBehaved))
  await keeper.start()
  const pid = await pidOf(home)
  await keeper.stop()
  expect(isAlive(pid)).toBe(false)
  expect(lines).toEqual([])
})

test('a process that ignores SIGTERM is killed after its limit', async () => {
  const stubborn = "process.on('SIGTERM', () => {}); process.send({ type: 'ready' }); setInterval(() => {}, 1000)"
  const { home, keeper } = await keeperOf(fakeService(stubborn, { stopLimitMs: 200 }))
  await keeper.start()
  const pid = await pidOf(home)
  await keeper.stop()
  expect(isAlive(pid)).toBe(false)
})

test('stopping in the middle of a start leaves no process', async () => {
  const { home, keeper } = await keeperOf(fakeService('setInterval(() => {}, 1000)'))
  const start = keeper.start().catch((error) => error)
  const pid = await pidOf(home)
  await keeper.stop()
  await start
  expect(isAlive(pid)).toBe(false)
})

test('stopping while a dead service waits for its next start leaves it dead', async () => {
  const { home, keeper, heard } = await keeperOf(fakeService(wellBehaved))
  await keeper.start()
  const pid = await pidOf(home)
  process.kill(pid, 'SIGKILL')
  await heard(/starting it again/)
  await keeper.stop()
  // Longer than the pause that it was in.
  await expect(pidOf(home, 'fake', pid, 600)).rejects.toThrow()
})

test('what a dead process had started ends with it', async () => {
  const parent = `
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    console.log(child.pid)
    process.send({ type: 'ready' })
    setInterval(() => {}, 1000)`
  const { home, keeper } = await keeperOf(fakeService(parent))
  await keeper.start()
  const grandchild = Number(readFileSync(join(home, 'logs', 'fake.log'), 'utf8').trim())
  expect(isAlive(grandchild)).toBe(true)
  process.kill(await pidOf(home), 'SIGKILL')
  await untilGone(grandchild)
})

const impatient = { everyMs: 20, answerMs: 300, failures: 3 }

test('a process that is there and never answers is ended and started again', async () => {
  const home = await temporaryHome()
  const { say, heard } = listener()
  let silent = true
  const alive = () => (silent ? new Promise<void>(() => {}) : Promise.resolve())
  const keeper = keepUp(fakeService(wellBehaved, { alive }), { home, say, liveness: impatient })
  onTestFinished(() => keeper.kill())
  await keeper.start()
  const first = await pidOf(home)
  await heard(/fake is there and does not answer any more; ending it/)
  silent = false
  await heard(/fake answers again/)
  expect(await pidOf(home, 'fake', first)).not.toBe(first)
})

test('a process that answers now and then is left alone', async () => {
  const home = await temporaryHome()
  const { say, lines } = listener()
  let asked = 0
  const alive = async () => {
    asked += 1
    if (asked % 3 !== 0) throw new Error('no answer')
  }
  const keeper = keepUp(fakeService(wellBehaved, { alive }), { home, say, liveness: impatient })
  onTestFinished(() => keeper.kill())
  await keeper.start()
  await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(12)
  expect(lines).toEqual([])
})
