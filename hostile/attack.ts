/** Judges many files, several at once, and counts. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { imageTypes } from '../platform.ts'
import type { Named } from './cases.ts'
import { createJudge, type Goal, type Judgement } from './judge.ts'

export type Tally = {
  files: number
  readonly verdicts: Record<string, number>
  readonly missed: Record<Goal, number>
  /** Refused for their first bytes, though bare sharp decodes them; by type as declared. */
  readonly lenient: Record<string, number>
  /** The first of each kind. */
  readonly examples: { readonly name: string; readonly goal: Goal; readonly how: string }[]
  slowest: { readonly name: string; readonly milliseconds: number; readonly cpuMs: number }
  largest: { readonly name: string; readonly bytes: number }
}

export const newTally = (): Tally => ({
  files: 0,
  verdicts: {},
  lenient: {},
  missed: { verdict: 0, time: 0, memory: 0, valid: 0, clean: 0 },
  examples: [],
  slowest: { name: '', milliseconds: 0, cpuMs: 0 },
  largest: { name: '', bytes: 0 },
})

export type AttackOptions = {
  readonly parallel: number
  /** Where files that miss a goal are put; without it they are only counted. */
  readonly failures?: string
  readonly onProgress?: (tally: Tally) => void
}

/** How many examples of missed goals are kept and saved. */
const mostExamples = 200

export async function attack(
  files: Iterable<Named> | AsyncIterable<Named>,
  { parallel, failures, onProgress = () => {} }: AttackOptions,
): Promise<Tally> {
  const tally = newTally()
  const iterator = Symbol.asyncIterator in files ? files[Symbol.asyncIterator]() : files[Symbol.iterator]()

  async function lane(): Promise<void> {
    const judge = createJudge()
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        const file: Named = next.value
        const judgement = await judge.judge(file)
        count(tally, file, judgement)
        if (judgement.missed.length > 0 && failures && tally.examples.length <= mostExamples) {
          await save(file, judgement, failures)
        }
        onProgress(tally)
      }
    } finally {
      judge.stop()
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return tally
}

function count(tally: Tally, { name, declared }: Named, judgement: Judgement): void {
  const { verdict, milliseconds, cpuMs, peakBytes, missed, lenient } = judgement
  tally.files += 1
  if (lenient) tally.lenient[declared] = (tally.lenient[declared] ?? 0) + 1
  tally.verdicts[verdict] = (tally.verdicts[verdict] ?? 0) + 1
  for (const { goal, how } of missed) {
    tally.missed[goal] += 1
    if (tally.examples.length <= mostExamples) tally.examples.push({ name, goal, how })
  }
  if (milliseconds > tally.slowest.milliseconds) tally.slowest = { name, milliseconds, cpuMs }
  if (peakBytes > tally.largest.bytes) tally.largest = { name, bytes: peakBytes }
}

async function save({ name, bytes, declared, how }: Named, judgement: Judgement, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${name.replaceAll('/', '-')}.${imageTypes[declared]}`)
  await writeFile(file, bytes)
  await writeFile(`${file}.json`, `${JSON.stringify({ declared, how, ...judgement }, null, 2)}\n`)
}
