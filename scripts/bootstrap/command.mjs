// Runs a tool during set-up: its last line becomes progress, and its last words the error when it fails.
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

const keptLines = 25

/** Set-up cannot go on; the message is for people, and says what they can do. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError'
  retriable = false
}

/** A tool of the set-up failed; the message holds the command and its last lines. */
export class CommandError extends SetupError {
  /** @override */
  name = 'CommandError'
  /** @override */
  retriable = true

  /**
   * @param {string} command
   * @param {number | string | null} code exit code or signal
   * @param {readonly string[]} lines its last lines
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
    /** @type {string[]} */
    const last = []
    const listen = (/** @type {import('node:stream').Readable} */ stream) => {
      let rest = ''
      stream.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split(/\r?\n|\r/)
        rest = lines.pop() ?? ''
        for (const raw of lines) {
          const line = stripVTControlCharacters(raw).trim()
          if (line === '') continue
          last.push(line)
          if (last.length > keptLines) last.shift()
          onLine?.(line)
        }
      })
      stream.on('end', () => {
        if (rest.trim() !== '') last.push(stripVTControlCharacters(rest).trim())
      })
    }
    listen(child.stdout)
    listen(child.stderr)
    child.stdout.on('data', (text) => {
      output += text
    })
    // Whoever is interrupted ends by process.exit(), and no download goes on behind its back.
    const kill = () => child.kill()
    process.once('exit', kill)
    child.on('error', (cause) => {
      process.off('exit', kill)
      reject(new CommandError(shown, 'an error', [cause.message], { cause }))
    })
    child.on('close', (code, signal) => {
      process.off('exit', kill)
      if (code === 0) resolve(output)
      else reject(new CommandError(shown, signal ?? code, last))
    })
  })
}
