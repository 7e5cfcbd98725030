/** A small real function for the host: writes down what it was given, and behaves as each record says. */
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { MskEvent } from '../../../../local/triggers/record.ts'

export type Instruction = {
  readonly id: string
  /** The file to write down in: a line `start <id>`, then a line `done <id>`. */
  readonly file: string
  /** Milliseconds of work. */
  readonly work?: number
  /** What to do the first time instead of finishing; later times are like any other record. */
  readonly once?: 'exit' | 'hang'
}

export async function handler(event: MskEvent) {
  for (const record of Object.values(event.records).flat()) {
    const { id, file, work = 0, once } = JSON.parse(Buffer.from(record.value ?? '', 'base64').toString()) as Instruction
    appendFileSync(file, `start ${id}\n`)
    await pause(work)
    if (once && isFirst(file, id)) {
      if (once === 'exit') process.exit(7)
      await pause(3_600_000)
    }
    appendFileSync(file, `done ${id}\n`)
  }
  return { batchItemFailures: [] }
}

function isFirst(file: string, id: string): boolean {
  try {
    appendFileSync(`${file}.${id}`, '', { flag: 'ax' })
    return true
  } catch {
    return false
  }
}
