/** Every measurement of `npm run bench`, in the order in which they run: what is short first. */
import type { Measure } from '../measurement.ts'
import { measureAcceptance } from './acceptance.ts'
import { measureLatency } from './latency.ts'
import { measureMemory } from './memory.ts'
import { measurePeers } from './peers.ts'
import { measureProcessing } from './processing.ts'
import { measurePurge } from './purge.ts'
import { measureSizes } from './sizes.ts'
import { measureStarts } from './starts.ts'
import { measureUploads } from './uploads.ts'

export const measurements = {
  sizes: measureSizes,
  starts: measureStarts,
  processing: measureProcessing,
  peers: measurePeers,
  memory: measureMemory,
  purge: measurePurge,
  acceptance: measureAcceptance,
  latency: measureLatency,
  uploads: measureUploads,
} as const satisfies Record<string, Measure>

export type MeasurementName = keyof typeof measurements
