/**
 * What a run does and in which order, drawn from its seed before anything is started. Pure: the same seed and number
 * of kills give the same schedule. What a fault meets when it strikes is not in the seed's hands.
 */
import { type Link, links } from './proxies.ts'
import { type Random, seeded } from './random.ts'

/** Parts that are killed, stopped and restarted by their pid. */
export const parts = ['kafka', 's3', 'dynamodb', 'gateway', 'triggers', 'schedule'] as const
export type PartName = (typeof parts)[number]
/** Functions whose processes are killed and stopped, by pid or at a call. */
export const workers = ['upload', 'images', 'process', 'republish', 'purge'] as const
export type WorkerName = (typeof workers)[number]

export type Fault =
  | { readonly kind: 'kill' | 'restart'; readonly part: PartName }
  | { readonly kind: 'stop'; readonly part: PartName; readonly ms: number }
  /** SIGKILL or SIGSTOP to a function's process, whatever it is doing. */
  | { readonly kind: 'kill-worker'; readonly worker: WorkerName }
  | { readonly kind: 'stop-worker'; readonly worker: WorkerName; readonly ms: number }
  /** At the n-th call to a store, before it leaves or after it has been answered. */
  | {
      readonly kind: 'kill-at' | 'stop-at' | 'cut-at'
      readonly worker: WorkerName
      readonly skip: number
      readonly when: 'before' | 'after'
      readonly ms: number
    }
  | { readonly kind: 'cut' | 'hole' | 'slow'; readonly link: Link; readonly ms: number; readonly delayMs: number }
  /** Events are put into the topic again: the last ones twice, and in another order. */
  | { readonly kind: 'duplicates' | 'reorder'; readonly count: number }
  /** A scheduled function is called as of another moment. */
  | { readonly kind: 'jump'; readonly worker: 'republish' | 'purge'; readonly ms: number }
export type FaultKind = Fault['kind']

/** Faults of one lane follow each other; lanes go on side by side, so that faults meet. */
export const lanes = ['stores', 'platform', 'upload', 'images', 'processor', 'republish', 'purge', 'network'] as const
export type Lane = (typeof lanes)[number]

export type Step = { readonly fault: Fault; readonly pauseMs: number }
export type Schedule = Readonly<Record<Lane, readonly Step[]>>

/** Whether a fault is a SIGKILL, which is what `--kills` counts. */
export const isKill = ({ kind }: Fault): boolean => kind === 'kill' || kind === 'kill-worker' || kind === 'kill-at'

/** Shares of the kills: parts with a long start get fewer, or they would be away most of the time. */
const share: Record<Exclude<Lane, 'network'>, number> = {
  stores: 0.11,
  platform: 0.12,
  upload: 0.2,
  images: 0.1,
  processor: 0.27,
  republish: 0.1,
  purge: 0.1,
}

/** Calls of one process that pass before a rule strikes: as many as two or three requests of that function make. */
const mostSkipped: Record<WorkerName, number> = { upload: 12, images: 10, process: 16, republish: 6, purge: 50 }

export function drawSchedule(seed: number, kills: number): Schedule {
  const random = seeded(seed)
  const counts = distribute(kills)
  const functionLane = (lane: Exclude<keyof typeof share, 'stores' | 'platform'>, worker: WorkerName) =>
    laneOf(random, counts[lane], () => workerFault(random, worker), [300, 1_800])
  return {
    stores: laneOf(random, counts.stores, () => partFault(random, ['s3', 'dynamodb', 'kafka', 's3']), [2_000, 6_000]),
    platform: laneOf(
      random,
      counts.platform,
      () => partFault(random, ['gateway', 'triggers', 'schedule']),
      [1_500, 4_500],
    ),
    upload: functionLane('upload', 'upload'),
    images: functionLane('images', 'images'),
    processor: functionLane('processor', 'process'),
    republish: functionLane('republish', 'republish'),
    purge: functionLane('purge', 'purge'),
    network: Array.from({ length: Math.ceil(kills * 0.15) }, () => ({
      fault: networkFault(random),
      pauseMs: random.integer(1_000, 5_000),
    })),
  }
}

/** Every kill is somewhere, also where shares do not come out even. */
function distribute(kills: number): Record<keyof typeof share, number> {
  const names = Object.keys(share) as (keyof typeof share)[]
  const counts = Object.fromEntries(names.map((name) => [name, Math.floor(kills * share[name])]))
  for (let n = 0, left = kills - Object.values(counts).reduce((a, b) => a + b, 0); left > 0; n += 1, left -= 1) {
    const name = names[n % names.length] ?? 'upload'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts as Record<keyof typeof share, number>
}

/** Draws faults until so many kills are among them. */
function laneOf(random: Random, kills: number, draw: () => Fault, [least, most]: [number, number]): Step[] {
  const steps: Step[] = []
  for (let left = kills; left > 0; ) {
    const fault = draw()
    if (isKill(fault)) left -= 1
    steps.push({ fault, pauseMs: random.integer(least, most) })
  }
  return steps
}

function partFault(random: Random, names: readonly PartName[]): Fault {
  const part = random.pick(names)
  const draw = random.next()
  if (draw < 0.7) return { kind: 'kill', part }
  if (draw < 0.85) return { kind: 'stop', part, ms: random.integer(300, 4_000) }
  return { kind: 'restart', part }
}

function workerFault(random: Random, worker: WorkerName): Fault {
  const at = {
    worker,
    skip: random.integer(0, mostSkipped[worker]),
    when: random.chance(0.5) ? ('before' as const) : ('after' as const),
    ms: random.integer(200, 4_000),
  }
  const draw = random.next()
  if (draw < 0.62) return { kind: 'kill-at', ...at }
  if (draw < 0.75) return { kind: 'kill-worker', worker }
  if (draw < 0.83) return { kind: 'stop-at', ...at }
  if (draw < 0.95) return { kind: 'cut-at', ...at }
  return { kind: 'stop-worker', worker, ms: at.ms }
}

function networkFault(random: Random): Fault {
  const draw = random.next()
  if (draw < 0.15) return { kind: 'duplicates', count: random.integer(1, 10) }
  if (draw < 0.3) return { kind: 'reorder', count: random.integer(2, 20) }
  if (draw < 0.4) return { kind: 'jump', worker: 'republish', ms: random.pick([-3_600_000, 120_000, 1_900_000]) }
  if (draw < 0.5) return { kind: 'jump', worker: 'purge', ms: random.pick([-86_400_000, -60_000, 1_800_000]) }
  const kind = random.pick(['cut', 'hole', 'slow'] as const)
  const ms = kind === 'slow' ? random.integer(1_000, 6_000) : random.integer(200, 3_500)
  return { kind, link: random.pick(links), ms, delayMs: random.integer(20, 400) }
}
