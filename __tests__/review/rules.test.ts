/** Every rule finds what it is for, and lets pass what is right. */
import { describe, expect, it } from 'vitest'
import { findingsOf, severities } from '../../review/rule.ts'
import { rules } from '../../review/rules/index.ts'
import { built } from './fixtures/fixture.ts'
import { fixtures } from './fixtures/index.ts'

describe.each(rules.map((rule) => [rule.id, rule] as const))('the rule %s', (id, rule) => {
  const { passes, fails } = fixtures[id] ?? { passes: {}, fails: {} }

  it('lets pass what is right', () => {
    expect(findingsOf([rule], built(passes))).toEqual([])
  })

  it('finds what is wrong, and says what to do', () => {
    const found = findingsOf([rule], built(fails))
    expect(found.length).toBeGreaterThan(0)
    for (const { wrong, fix, source } of found) {
      expect(wrong).not.toMatch(/undefined|NaN|\[object/)
      expect([wrong, fix, source]).not.toContain('')
    }
  })
})

describe('the rules', () => {
  it('are more than forty, with an example each and no example left over', () => {
    const ids = rules.map(({ id }) => id)
    expect(ids.length).toBeGreaterThanOrEqual(40)
    expect(new Set(ids).size).toBe(ids.length)
    expect(Object.keys(fixtures).toSorted()).toEqual(ids.toSorted())
  })

  it('look at something in their passing examples, unless what they look at is itself the mistake', () => {
    const mistakes = rules.filter(({ id, applies }) => built(fixtures[id]?.passes ?? {}).all(...applies).length === 0)
    expect(mistakes.map(({ id }) => id)).toEqual([
      'retention/no-bucket-copies',
      'retention/no-other-stores',
      'logs/no-copies',
      'reach/no-websites',
      'reach/no-way-to-the-internet',
      'reach/no-function-urls',
      'privilege/no-standing-keys',
      'visible/no-modules',
    ])
  })

  it('give a reason and a severity', () => {
    for (const { title, why, severity } of rules) {
      expect(title.length).toBeGreaterThan(10)
      expect(why).toMatch(/\.$/)
      expect(severities).toContain(severity)
    }
  })
})
