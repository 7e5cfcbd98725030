import { describe, expect, it } from 'vitest'
import { exitCodeOf, type Row, table } from '../../../scripts/doctor/table.mjs'

const rows: Row[] = [
  { name: 'Java 17 or later', state: 'missing', found: 'not found', get: 'apt-get install -y default-jre-headless' },
  { name: 'npm', state: 'ok', found: '11.0.0' },
  { name: 'Apache Kafka', state: 'later', found: 'not in the cache yet', get: '`npm start` fetches it' },
]

describe("the doctor's table", () => {
  it('says for each requirement what was found, and how to get what is not there', () => {
    expect(table(rows).split('\n')).toEqual([
      '✗ Java 17 or later  not found',
      '                    → apt-get install -y default-jre-headless',
      '✓ npm               11.0.0',
      '… Apache Kafka      not in the cache yet',
      '                    → `npm start` fetches it',
      '',
      '1 missing.',
    ])
  })
  it('ends with 1 for what is missing, and with 0 for what set-up brings', () => {
    expect(exitCodeOf(rows)).toBe(1)
    expect(exitCodeOf(rows.slice(1))).toBe(0)
  })
})
