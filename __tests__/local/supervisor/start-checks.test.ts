/** What is looked at before anything is started: the command line, the lock, the ports, the disk. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { localConfig } from '../../../config.ts'
import { AlreadyRunningError, PortTakenError, UsageError } from '../../../local/supervisor/errors.ts'
import { prepareHome, resetData, warnIfScarce } from '../../../local/supervisor/home.ts'
import { lockHome, runningSupervisor } from '../../../local/supervisor/lock.ts'
import { readOptions } from '../../../local/supervisor/options.ts'
import { checkPorts } from '../../../local/supervisor/ports.ts'
import { serviceNames } from '../../../local/supervisor/service.ts'
import { temporaryHome } from './fake-service.ts'

describe('the command line', () => {
  test('starts everything by default', () => {
    expect(readOptions([])).toEqual({
      help: false,
      reset: false,
      restartAtOnce: false,
      brokers: undefined,
      only: [...serviceNames],
    })
  })

  test('takes the parts to start, once each', () => {
    expect(readOptions(['--only', 'kafka, s3,kafka', '--reset'])).toEqual({
      help: false,
      reset: true,
      restartAtOnce: false,
      brokers: undefined,
      only: ['kafka', 's3'],
    })
  })

  test.each([[['--port', '1']], [['--rest']], [['now']], [['--only', 'kafka,redis']], [['--only', '']]])(
    'refuses %j and shows what there is',
    (args) => {
      expect(() => readOptions(args)).toThrow(UsageError)
      expect(() => readOptions(args)).toThrow(/Usage: npm start/)
    },
  )
})

describe('the lock', () => {
  const lockModule = join(import.meta.dirname, '../../../local/supervisor/lock.ts')

  /** Another process that has the home. */
  async function holder(home: string) {
    const script = `import { lockHome } from '${lockModule}'; await lockHome('${home}'); console.log('locked'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    return child
  }

  test('a second supervisor is refused, and told who has the home', async () => {
    const home = await temporaryHome()
    const { pid } = await holder(home)
    const refusal = await lockHome(home).catch((error) => error)
    expect(refusal).toBeInstanceOf(AlreadyRunningError)
    expect(refusal.message).toContain(`process ${pid}`)
    expect(await runningSupervisor(home)).toBe(pid)
  })

  test('a home is the same home by any of its paths', async () => {
    const home = await temporaryHome()
    await holder(home)
    const other = join(await temporaryHome(), 'link')
    await symlink(home, other)
    await expect(lockHome(other)).rejects.toThrow(AlreadyRunningError)
  })

  test('a supervisor that was killed leaves no lock', async () => {
    const home = await temporaryHome()
    const child = await holder(home)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = await lockHome(home)
    await lock.release()
    expect(await runningSupervisor(home)).toBeUndefined()
  })

  test('two homes do not get in each other’s way', async () => {
    await holder(await temporaryHome())
    const lock = await lockHome(await temporaryHome())
    await lock.release()
  })
})

describe('the ports', () => {
  const { ports } = localConfig({})

  async function takenPort(host: string): Promise<number> {
    const server = createServer().listen(0, host)
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  test.each(['127.0.0.1', '0.0.0.0', '::'])(
    'one that is taken on %s is named, with who needs it and what changes it',
    async (host) => {
      const s3 = await takenPort(host)
      const refusal = await checkPorts([{ name: 's3', ports: ['s3'] }], { ...ports, s3 }).catch((error) => error)
      expect(refusal).toBeInstanceOf(PortTakenError)
      expect(refusal.message).toBe(
        `Port ${s3} is taken by another process; s3 needs it. Set DARKROOM_S3_PORT to another.`,
      )
    },
  )

  test('all that are taken are named at once', async () => {
    const [kafka, gateway] = [await takenPort('127.0.0.1'), await takenPort('127.0.0.1')]
    const services = [
      { name: 'kafka', ports: ['kafka' as const] },
      { name: 'gateway', ports: ['gateway' as const] },
    ]
    await expect(checkPorts(services, { ...ports, kafka, gateway })).rejects.toThrow(
      /DARKROOM_KAFKA_PORT.*DARKROOM_GATEWAY_PORT/s,
    )
  })

  test('one number for two parts is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((done) => server.close(done))
    const services = [{ name: 'kafka', ports: ['kafka' as const, 'kafkaController' as const] }]
    await expect(checkPorts(services, { ...ports, kafka: port, kafkaController: port })).rejects.toThrow(
      /is also set by DARKROOM_KAFKA_PORT/,
    )
  })

  test('free ones are free again afterwards', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port: s3 } = server.address() as AddressInfo
    await new Promise((done) => server.close(done))
    const services = [{ name: 's3', ports: ['s3' as const] }]
    await checkPorts(services, { ...ports, s3 })
    await checkPorts(services, { ...ports, s3 })
  })
})

describe('the home', () => {
  test('one that cannot be written says which variable changes it', async () => {
    const file = join(await temporaryHome(), 'file')
    await writeFile(file, '')
    await expect(prepareHome(file)).rejects.toThrow(/DARKROOM_HOME/)
  })

  test('a nearly full disk is warned of, a roomy one is not', async () => {
    const disk = (free: number) => async () => ({ bavail: free / 4096, bsize: 4096 }) as never
    expect(await warnIfScarce('/h', disk(900 * 1024 ** 2))).toContain('900 MB')
    expect(await warnIfScarce('/h', disk(1024 ** 3))).toBeUndefined()
  })

  test('a reset removes the services’ folders and leaves everything else', async () => {
    const home = await temporaryHome()
    for (const folder of ['data/kafka/log', 'data/holiday', 'logs'])
      await mkdir(join(home, folder), { recursive: true })
    expect(await resetData([join(home, 'data/kafka'), join(home, 'data/s3')])).toEqual([join(home, 'data/kafka')])
    expect(existsSync(join(home, 'data/kafka'))).toBe(false)
    expect(existsSync(join(home, 'data/holiday'))).toBe(true)
    expect(existsSync(join(home, 'logs'))).toBe(true)
  })
})
