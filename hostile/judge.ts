/** Sends one file through the processor's own code, in its child, and says what came of it and whether that is well. */
import { join } from 'node:path'
import { ChildEndedError } from '../functions/process/isolation/child.ts'
import type { Usage } from '../functions/process/isolation/messages.ts'
import { createPool } from '../functions/process/isolation/pool.ts'
import { peakResidentBytes } from '../functions/process/isolation/proc.ts'
import { PoisonError } from '../functions/shared/errors.ts'
import type { ImageType } from '../platform.ts'
import { complaintsAbout } from './clean.ts'

export type Case = {
  readonly name: string
  readonly declared: ImageType
  readonly bytes: Uint8Array
  /** Known to be whole, where the reference cannot tell. */
  readonly valid?: boolean
}

export type Goal = 'verdict' | 'time' | 'memory' | 'valid' | 'clean'

export type Judgement = {
  /** `processed`, the reason of a quarantine, or `none`. */
  readonly verdict: string
  readonly milliseconds: number
  readonly cpuMs: number
  readonly peakBytes: number
  /** Refused for its first bytes alone: bare sharp decodes it to its end. No goal, but worth a look. */
  readonly lenient: boolean
  /** Which goals it misses, and how. */
  readonly missed: readonly { readonly goal: Goal; readonly how: string }[]
}

export const goals = { milliseconds: 10_000, bytes: 512_000_000 } as const

/** Limits, not mistakes. */
const bySize = new Set(['too-many-pixels', 'too-many-frames', 'too-slow', 'too-much-memory'])

export type Judge = { judge(file: Case): Promise<Judgement>; stop(): void }

/** One lane: a child for the processor's code, and one for bare sharp. */
export function createJudge(): Judge {
  let usage: Usage | undefined
  let peak = 0
  let usedBefore = 0
  let pid: number | undefined
  const pool = createPool({
    size: 1,
    onUsage: (now, by) => {
      if (by !== pid) usedBefore = 0
      pid = by
      usage = now
      peak = peakResidentBytes(by)
    },
  })
  const reference = createPool({ size: 1, entry: join(import.meta.dirname, 'reference.ts') })

  async function judge({ name, declared, bytes, valid }: Case): Promise<Judgement> {
    usage = undefined
    peak = 0
    const started = performance.now()
    const result = await pool.processImage(bytes, declared).catch((error: unknown) => error)
    const milliseconds = performance.now() - started
    const told = usage as Usage | undefined
    const ended = result instanceof PoisonError && result.cause instanceof ChildEndedError ? result.cause : undefined
    const cpuMs = told ? told.cpuMs - usedBefore : (ended?.cpuSeconds ?? 0) * 1000
    if (told) usedBefore = told.cpuMs
    const peakBytes = Math.max(peak, ended?.residentBytes ?? 0)

    const missed: { goal: Goal; how: string }[] = []
    let verdict = 'none'
    let lenient = false
    if (result instanceof PoisonError) {
      verdict = result.code
      const isValid = !bySize.has(verdict) && (valid ?? (await decodes(bytes, declared)))
      // What does not begin as its format's specification says is no image of it, even where a decoder is lenient
      // (`functions/shared/sniff.ts`).
      lenient = isValid && !valid && verdict === 'not-an-image'
      if (isValid && !lenient) missed.push({ goal: 'valid', how: `${verdict}: ${result.message}` })
    } else if (result instanceof Error) {
      missed.push({ goal: 'verdict', how: String(result) })
    } else {
      verdict = 'processed'
      const { renditions } = result as Awaited<ReturnType<typeof pool.processImage>>
      for (const rendition of renditions) {
        const complaints = complaintsAbout(rendition)
        if (complaints.length > 0) missed.push({ goal: 'clean', how: `${rendition.name}: ${complaints.join(', ')}` })
      }
    }
    // On a busy machine a file waits longer than it is worked at. One that waits for ever ends as stuck, without a verdict.
    if (cpuMs > goals.milliseconds || verdict === 'too-slow') {
      missed.push({ goal: 'time', how: `${Math.round(milliseconds)} ms, ${Math.round(cpuMs)} ms of CPU time` })
    }
    if (peakBytes > goals.bytes) missed.push({ goal: 'memory', how: `${Math.round(peakBytes / 1e6)} MB` })
    return { verdict, milliseconds, cpuMs, peakBytes, lenient, missed: missed.map((one) => ({ ...one, name })) }
  }

  const decodes = (bytes: Uint8Array, declared: ImageType): Promise<boolean> =>
    declared === 'image/heic'
      ? Promise.resolve(false)
      : reference.processImage(bytes, declared).then(
          () => true,
          () => false,
        )

  return {
    judge,
    stop: () => {
      pool.stop()
      reference.stop()
    },
  }
}
