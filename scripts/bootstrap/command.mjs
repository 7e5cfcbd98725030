// Runs a tool during set-up: its last line becomes progress, and what it wrote the error when it fails.
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

/** The first lines say what went wrong, the last ones where it ended. */
const kept = { first: 12, last: 18 }

/** The lines that explain a failure, of however many a tool writes. */
function createExcerpt() {
  /** @type {string[]} */
  const first = []
  /** @type {string[]} */
  const last = []
  let dropped = 0
  return {
    add(/** @type {string} */ line) {
      if (first.length < kept.first) first.push(line)
      else last.push(line)
      if (last.length > kept.last) {
        last.shift()
        dropped += 1
      }
    },
    lines: () => (dropped === 0 ? [...first, ...last] : [...first, `… (${dropped} lines)`, ...last]),
  }
}

/**
 * Ctrl-C reaches us only: we end by process.exit(), and take every download and build along.
 * @type {Set<import('node:child_process').ChildProcess>}
 */
const running = new Set()
process.once('exit', () => {
  for (const child of running) child.kill()
})

/** Set-up cannot go on; the message is for people, and says what they can do. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError'
  retriable = false
}

/** A tool of the set-up failed; the message holds the command and what it wrote, shortened. */
export class CommandError extends SetupError {
  /** @override */
  name = 'CommandError'
  /** @override */
  retriable = true

  /**
   * @param {string} command
   * @param {number | string | null} code exit code or signal
   * @param {readonly string[]} lines what it wrote, shortened
   * @param {{ cause?: unknown }} [options]
   */
  constructor(command, code, lines, options) {
    super([`\`${command}\` ended with ${code}.`, ...lines.map((line) => `  ${line}`)].join('\n'), options)
    this.code = code
  }
}

/**
 * Runs a command without input and waits for its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, onLine?: (line: string) => void }} [options] `onLine` gets each line of both outputs
 * @returns {Promise<string>} what it wrote to its standard output
 * @throws {CommandError}
 */
export function run(command, args, { cwd, onLine } = {}) {
  const shown = [command, ...args].join(' ')
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const excerpt = createExcerpt()
    const listen = (/** @type {import('node:stream').Readable} */ stream) => {
      let rest = ''
      stream.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split(/\r?\n|\r/)
        rest = lines.pop() ?? ''
        for (const raw of lines) {
          const line = stripVTControlCharacters(raw).trim()
          if (line === '') continue
          excerpt.add(line)
          onLine?.(line)
        }
      })
      stream.on('end', () => {
        const line = stripVTControlCharacters(rest).trim()
        if (line === '') return
        excerpt.add(line)
        onLine?.(line)
      })
    }
    listen(child.stdout)
    listen(child.stderr)
    child.stdout.on('data', (text) => {
      output += text
    })
    running.add(child)
    child.on('error', (cause) => {
      running.delete(child)
      reject(new CommandError(shown, 'an error', [cause.message], { cause }))
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      if (code === 0) resolve(output)
      else reject(new CommandError(shown, signal ?? code, excerpt.lines()))
    })
  })
}
