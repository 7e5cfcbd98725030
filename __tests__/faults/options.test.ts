import { describe, expect, it } from 'vitest'
import { readOptions, UsageError } from '../../faults/options.ts'
import { bugNames } from '../../faults/planted/bugs.ts'

describe('npm run faults', () => {
  it('runs fifty kills from seed 1 by default', () => {
    expect(readOptions([])).toEqual({ mode: 'run', kills: 50, seed: 1, people: 3 })
  })

  it('takes kills, seed and people', () => {
    expect(readOptions(['--kills', '1000', '--seed', '9', '--people', '5'])).toMatchObject({ kills: 1000, seed: 9 })
  })

  it('plants all bugs, or those that are named', () => {
    expect(readOptions(['--planted', 'all'])).toEqual({ mode: 'planted', names: bugNames, seed: 1 })
    expect(readOptions(['--planted', 'no-outbox,acks-none'])).toMatchObject({ names: ['no-outbox', 'acks-none'] })
  })

  it.each([
    [['--kills', '0']],
    [['--kills', 'many']],
    [['--seed', '1.5']],
    [['--planted', 'nothing-known']],
    [['--planted', 'all', '--kills', '3']],
    [['--what']],
  ])('refuses %j', (args) => {
    expect(() => readOptions(args)).toThrow(UsageError)
  })
})
