/** A broker of a test's own, which may be killed and started again; from the platform's own definition of Kafka. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { LocalConfig } from '../../../../config.ts'
import { kafkaService } from '../../../../local/services/kafka.ts'
import { ensureTools } from '../../../../local/setup/tools.ts'
import { type Child, startChild } from '../../../../local/supervisor/child.ts'
import { poll } from '../../../../local/supervisor/poll.ts'
import { createReport } from '../../../../scripts/bootstrap/progress.mjs'

export type Broker = {
  /** The platform's configuration with this broker in place of the platform's. */
  readonly config: LocalConfig
  /** Returns when the broker answers. */
  start(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  remove(): Promise<void>
}

/** Prepares a broker on free ports; it does not run yet. */
export async function createBroker(platform: LocalConfig): Promise<Broker> {
  const homes = join(platform.cache, 'test-homes')
  await mkdir(homes, { recursive: true })
  const home = await mkdtemp(join(homes, 'broker-'))
  const [kafka, kafkaController] = [await freePort(), await freePort()]
  const config: LocalConfig = {
    ...platform,
    home,
    ports: { ...platform.ports, kafka, kafkaController },
    urls: { ...platform.urls, kafka: `127.0.0.1:${kafka}` },
  }
  const tools = await ensureTools(platform, createReport())
  const service = kafkaService(config, tools.kafka)
  let child: Child | undefined
  const kill = async () => {
    child?.kill()
    await child?.exited
  }
  return {
    config,
    async start() {
      child = await startChild('kafka', await service.prepare(), { home, channel: false })
      await poll(() => service.probe?.(), { limitMs: service.startLimitMs })
    },
    kill,
    async remove() {
      await kill()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Below Linux's range for outgoing connections, so that nobody is given it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const server = createServer().once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
    if (await promise) return port
  }
}
