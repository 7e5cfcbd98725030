/** What the supervisor must know about a process that it keeps running. */
import type { LocalConfig } from '../../config.ts'

/** Names of the platform's processes; also of their log and pid files. */
export const serviceNames = ['kafka', 's3', 'dynamodb', 'identity', 'gateway', 'triggers', 'schedule'] as const
export type ServiceName = (typeof serviceNames)[number]

export type Command = {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment; without it the process inherits the supervisor's. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Working directory. */
  readonly cwd?: string
}

export type Service = {
  readonly name: string
  /** The ports that it listens on, as `config.ts` names them. */
  readonly ports: readonly (keyof LocalConfig['ports'])[]
  /** Folders that the service writes to, removed by `--reset`. Absolute. */
  readonly dataFolders: readonly string[]
  /** Makes everything ready for a start (folders, generated files) and says what to run; called before every start. */
  readonly prepare: () => Promise<Command>
  /**
   * Throws until the service truly answers. A service without a probe is a Node process that says
   * `process.send({ type: 'ready' })`.
   */
  readonly probe?: () => Promise<void>
  /**
   * Asked all the while it is up; throws where nobody answers. Unlike `probe` it takes "not now" for an answer: what
   * waits for another part is not hung. A process that never answers is ended and started again.
   */
  readonly alive?: () => Promise<void>
  /** Node processes get a channel to the supervisor, and must exit when it closes. */
  readonly channel: boolean
  /** From spawn until it answers; in milliseconds. Generous: beside a full test run it takes ten times as long. */
  readonly startLimitMs: number
  /** From SIGTERM until SIGKILL; in milliseconds. */
  readonly stopLimitMs: number
}
