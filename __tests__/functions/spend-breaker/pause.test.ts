import { describe, expect, it } from 'vitest'
import {
  isAllClear,
  pauseTriggers,
  StillRunningError,
  type TriggerControl,
  triggerIds,
} from '../../../functions/spend-breaker/pause.ts'

/** Triggers in memory; `broken` ones refuse to be paused. */
function triggers(states: Record<string, string>, broken: readonly string[] = []) {
  const control: TriggerControl = {
    state: async (id) => states[id],
    disable: async (id) => {
      if (broken.includes(id)) throw new Error('ResourceConflictException')
      states[id] = 'Disabling'
    },
  }
  return { states, control }
}

describe('the spend breaker', () => {
  it('pauses every trigger', async () => {
    const { states, control } = triggers({ a: 'Enabled', b: 'Enabled' })
    await pauseTriggers(['a', 'b'], control)
    expect(states).toEqual({ a: 'Disabling', b: 'Disabling' })
  })

  it.each(['Disabled', 'Disabling'])('leaves a trigger alone that is %s', async (state) => {
    const { control } = triggers({ a: state }, ['a'])
    expect(await pauseTriggers(['a'], control)).toEqual([{ id: 'a', outcome: 'already paused' }])
  })

  it('pauses the others where one refuses, and fails so that it is called again', async () => {
    const { states, control } = triggers({ a: 'Enabled', b: 'Enabled' }, ['a'])
    const failure = await pauseTriggers(['a', 'b'], control).catch((error) => error)
    expect(failure).toBeInstanceOf(StillRunningError)
    expect(failure).toMatchObject({ retriable: true, message: 'Could not pause a' })
    expect(states.b).toBe('Disabling')
  })

  it('reads its list of triggers', () => {
    expect(triggerIds('a, b,,')).toEqual(['a', 'b'])
  })
})

describe('a notice', () => {
  it('that an alarm is over pauses nothing', () => {
    expect(isAllClear(JSON.stringify({ AlarmName: 'runaway', NewStateValue: 'OK' }))).toBe(true)
  })

  it.each([
    ['an alarm that goes off', JSON.stringify({ AlarmName: 'runaway', NewStateValue: 'ALARM' })],
    ["a budget's plain text", 'AWS Budget Notification: your budget has exceeded its threshold'],
    ['JSON of another kind', '{"hello":1}'],
    ['null', 'null'],
  ])('is taken for real: %s', (_, message) => {
    expect(isAllClear(message)).toBe(false)
  })
})
