/** What settling a record needs from outside, and what it may come to. */
import type { ImageType } from '../../platform.ts'
import type { PoisonCode } from '../shared/errors.ts'
import type { Publisher } from '../shared/kafka.ts'
import type { Lake } from '../shared/lake.ts'
import type { Ledger } from '../shared/ledger.ts'
import type { Logger } from '../shared/log.ts'
import type { ProcessedImage } from './process-image.ts'

export type DeliveryParts = {
  readonly ledger: Pick<Ledger, 'get' | 'claim' | 'release' | 'markProcessed' | 'markQuarantined'>
  readonly lake: Pick<Lake, 'get' | 'put' | 'deleteEverything' | 'deleteKey' | 'isEmpty' | 'isKeyEmpty'>
  readonly publisher: Pick<Publisher, 'publish'>
  readonly quarantineTopic: string
  readonly processImage: (bytes: Uint8Array, declared: ImageType) => Promise<ProcessedImage>
  /** Epoch milliseconds. */
  readonly clock: () => number
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
}

/**
 * `unchanged`: an earlier delivery had settled it. `dropped`: the image is gone, and nothing of it is left behind.
 * Every other end is an error, and the record comes again.
 */
export type Outcome =
  | {
      readonly outcome: 'processed'
      readonly processingMs: number
      readonly latencyMs: number
      readonly bytesSaved: number
    }
  | { readonly outcome: 'quarantined'; readonly code: PoisonCode }
  | { readonly outcome: 'unchanged' | 'dropped' }
