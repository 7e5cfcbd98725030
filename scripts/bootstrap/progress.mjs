// Progress of set-up: a terminal gets one line that moves, a log gets a plain line now and then.
// Plain JavaScript, because `npm ci` reports through it too.
import { stripVTControlCharacters } from 'node:util'

/** A log wants to know that something still moves, not every line of it. */
const plainEveryMs = 10_000
const redrawEveryMs = 200

/**
 * @typedef {object} Step
 * @property {(detail: string) => void} update the tool's own last line, or a count
 * @property {(note?: string) => void} done
 * @property {(note?: string) => void} fail
 *
 * @typedef {object} Report
 * @property {(name: string) => Step} step starts a step; several may run at once
 * @property {(line: string) => void} line prints a line of its own
 */

/**
 * @param {{ write: (text: string) => unknown, isTTY?: boolean, columns?: number }} [stream]
 * @param {() => number} [now] milliseconds
 * @returns {Report}
 */
export function createReport(stream = process.stderr, now = Date.now) {
  /** @type {Map<symbol, { name: string, detail: string, startedAt: number, printedAt: number }>} */
  const running = new Map()
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  const seconds = (/** @type {number} */ since) => `${Math.round((now() - since) / 1000)} s`

  const clear = () => stream.isTTY && stream.write('\r\x1b[2K')
  const line = (/** @type {string} */ text) => {
    clear()
    stream.write(`${text}\n`)
    draw()
  }

  function draw() {
    if (!stream.isTTY || running.size === 0) return
    const parts = [...running.values()].map(({ name, detail, startedAt }) => {
      const shown = running.size === 1 && detail ? `: ${detail}` : ''
      return `${name} ${seconds(startedAt)}${shown}`
    })
    const width = Math.max(20, (stream.columns || 80) - 3)
    stream.write(`\r\x1b[2K… ${parts.join('  |  ').slice(0, width)}`)
  }

  function tick() {
    if (stream.isTTY) return draw()
    for (const entry of running.values()) {
      if (now() - entry.printedAt < plainEveryMs) continue
      entry.printedAt = now()
      stream.write(`… ${entry.name}, ${seconds(entry.startedAt)}${entry.detail ? `: ${entry.detail}` : ''}\n`)
    }
  }

  return {
    line,
    step(name) {
      const id = Symbol(name)
      const entry = { name, detail: '', startedAt: now(), printedAt: now() }
      running.set(id, entry)
      if (!stream.isTTY) stream.write(`… ${name}\n`)
      timer ??= setInterval(tick, redrawEveryMs)
      timer.unref()
      draw()
      const end = (/** @type {string} */ mark, /** @type {string | undefined} */ note) => {
        if (!running.delete(id)) return
        if (running.size === 0) {
          clearInterval(timer)
          timer = undefined
        }
        line(`${mark} ${name}, ${seconds(entry.startedAt)}${note ? `: ${note}` : ''}`)
      }
      return {
        update(detail) {
          entry.detail = stripVTControlCharacters(detail).trim()
        },
        done: (note) => end('✓', note),
        fail: (note) => end('✗', note),
      }
    },
  }
}
