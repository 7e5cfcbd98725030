/** Waivers hold for what they name, for as long as they say, and no longer. */
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../review/rule.ts'
import { waive } from '../../review/waive.ts'
import { mostWaivers, type Waiver, waivers } from '../../review/waivers.ts'

const finding: Finding = {
  rule: 'CKV_AWS_338',
  severity: 'medium',
  resource: 'ingest/upload-logs/group',
  wrong: 'is not kept for a year',
  fix: '',
  source: '',
}
const waiver: Waiver = {
  resource: '*/group',
  checks: ['CKV_AWS_338'],
  owner: 'retention',
  reason: 'Logs name images, so they end with them',
  expires: '2026-12-31',
}
const options = { today: '2026-11-23', ran: () => true }

describe('a waiver', () => {
  it('covers its check on the resources that it names', () => {
    expect(waive([finding], [waiver], options)).toMatchObject({ open: [], wrong: [], waived: [{ finding, waiver }] })
  })

  it('covers neither another check nor another resource', () => {
    const others = [
      { ...finding, rule: 'CKV_AWS_158' },
      { ...finding, resource: 'ingest/upload-logs/group/key' },
    ]
    expect(waive([finding, ...others], [waiver], options).open).toEqual(others)
  })

  it('holds on its last day', () => {
    expect(waive([finding], [waiver], { ...options, today: '2026-12-31' })).toMatchObject({ open: [], wrong: [] })
  })

  it('that has expired covers nothing, and fails', () => {
    const { open, wrong } = waive([finding], [waiver], { ...options, today: '2027-01-01' })
    expect(open).toEqual([finding])
    expect(wrong).toEqual(['The waiver for CKV_AWS_338 on */group (retention) expired on 2026-12-31'])
  })

  it('that nothing needs any more is reported, check by check', () => {
    const { wrong } = waive([finding], [{ ...waiver, checks: ['CKV_AWS_338', 'CKV_AWS_1'] }], options)
    expect(wrong).toEqual(['The waiver of CKV_AWS_1 for */group (retention) is not used: remove it'])
  })

  it('is not called unused where its check was not run', () => {
    expect(waive([], [waiver], { ...options, ran: () => false }).wrong).toEqual([])
  })

  it.each([
    ['no owner', { owner: ' ' }],
    ['no reason', { reason: 'later' }],
    ['no day', { expires: 'never' }],
    ['longer than a year', { expires: '2029-01-01' }],
  ])('with %s fails', (words, change) => {
    expect(waive([finding], [{ ...waiver, ...change }], options).wrong.join()).toContain(words)
  })
})

describe('the list of waivers', () => {
  it('is well-formed, and has fifteen at most', () => {
    expect(waivers.length).toBeLessThanOrEqual(mostWaivers)
    expect(mostWaivers).toBe(15)
    expect(waive([], waivers, { today: '2026-11-23', ran: () => false }).wrong).toEqual([])
  })

  it('fails where it has sixteen', () => {
    const many = Array.from({ length: 16 }, (_, n) => ({ ...waiver, resource: `${n}/group` }))
    expect(waive([], many, { ...options, ran: () => false }).wrong).toEqual(['There are 16 waivers, 15 is the most'])
  })
})
