// The doctor's verdict as text and as an exit code.

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {'ok' | 'later' | 'missing'} state `later`: our own set-up will bring it
 * @property {string} found
 * @property {string} [get] how to get it, where it is not ok
 */

const marks = { ok: '✓', later: '…', missing: '✗' }

/**
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export function table(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const lines = rows.map(({ name, state, found, get }) => {
    const hint = state !== 'ok' && get ? `\n  ${' '.repeat(width)}  → ${get}` : ''
    return `${marks[state]} ${name.padEnd(width)}  ${found}${hint}`
  })
  const missing = rows.filter(({ state }) => state === 'missing').length
  const closing = missing === 0 ? 'Nothing is missing.' : `${missing} missing.`
  return [...lines, '', closing].join('\n')
}

/** @param {readonly Row[]} rows */
export const exitCodeOf = (rows) => (rows.some(({ state }) => state === 'missing') ? 1 : 0)
