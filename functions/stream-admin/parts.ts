/** What the console's operations work with. */
import type { Publisher } from '../shared/kafka.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import type { ConsoleMode } from './actor.ts'
import type { History } from './history.ts'
import type { KafkaAdmin } from './kafka-admin.ts'
import type { Meter } from './lag.ts'
import type { Records } from './records.ts'
import type { SignThumbnail } from './thumbnails.ts'
import type { TriggerPort } from './trigger-port.ts'

export type StreamAdminParts = {
  readonly kafka: KafkaAdmin
  readonly triggers: TriggerPort
  readonly ledger: Pick<Ledger, 'get' | 'standing' | 'requeue' | 'reprocess' | 'markPublished' | 'markResent'>
  readonly publisher: Publisher
  readonly records: Records
  readonly history: History
  /** Links to thumbnails. */
  readonly sign: SignThumbnail
  readonly meter: Meter
  readonly imagesTopic: string
  readonly quarantineTopic: string
  readonly mode: ConsoleMode
  readonly clock: () => number
  readonly pause: (milliseconds: number) => Promise<unknown>
  readonly logger: Logger
}
