/** Limits of the engineers' console, and what it keeps for its charts. */
import { day, hour, minute } from './units.ts'

export const consoleLimits = {
  /** A page's cursor names an offset for each partition. API Gateway takes 10,240 bytes of address and headers in all. */
  cursorLength: 6_000,
  /** Of one topic; MSK takes a few thousand on a broker. */
  partitions: 1_000,
  /** Images that one call sends back; more go with the next one. */
  redriveMost: 100,
  redrivePerSecond: 50,
  /** The loop guard: what fails again after so many redrives stays where it is. */
  redrivesOfOneImage: 3,
  /** Records of the quarantine topic that are looked at, newest first. */
  quarantineScan: 2_000,
  /** Records that a search looks at before it answers. */
  searchScan: 5_000,
  /** Lags that one measurement keeps, the processor's first; a row of DynamoDB holds 400 KB. */
  measuredPartitions: 5_000,
  /** Links to thumbnails in the console live this long, and never beyond the purge. */
  thumbnailSeconds: 300,
  /** Value of a test event. */
  testEventBytes: 4_096,
} as const

/** Rows in which measurements are kept: the last `slots × everyMs`, and never more. */
export const historyRings = {
  minutes: { everyMs: minute, slots: 1_440 },
  quarters: { everyMs: 15 * minute, slots: 672 },
} as const

/** What the charts can show: how far back, and with a point for how long. */
export const historySpans = {
  '1h': { lengthMs: hour, stepMs: minute, ring: 'minutes' },
  '6h': { lengthMs: 6 * hour, stepMs: minute, ring: 'minutes' },
  '24h': { lengthMs: day, stepMs: 5 * minute, ring: 'minutes' },
  '7d': { lengthMs: 7 * day, stepMs: 30 * minute, ring: 'quarters' },
} as const satisfies Record<
  string,
  { readonly lengthMs: number; readonly stepMs: number; readonly ring: keyof typeof historyRings }
>
export type HistorySpan = keyof typeof historySpans
