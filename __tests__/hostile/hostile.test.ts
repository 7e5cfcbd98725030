import { afterAll, describe, expect, it, vi } from 'vitest'
import { attack } from '../../hostile/attack.ts'
import { mutants } from '../../hostile/cases.ts'
import { complaintsAbout } from '../../hostile/clean.ts'
import { createJudge } from '../../hostile/judge.ts'
import { mutant } from '../../hostile/mutate.ts'
import { makeSeeds } from '../../hostile/seeds.ts'
import * as odd from '../support/corpus/odd-images.ts'

vi.setConfig({ testTimeout: 240_000 })

describe('mutants', () => {
  it('are the same for the same seed and number, and others for others', async () => {
    const seeds = await makeSeeds()
    const some = (seed: number) => Array.from({ length: 20 }, (_, n) => mutant(seeds, seed, n).bytes.toString('base64'))
    expect(some(1)).toEqual(some(1))
    expect(some(2)).not.toEqual(some(1))
  })

  it('each get a verdict from the processor, in bounded memory, and leave nothing but pictures', async () => {
    const tally = await attack(mutants(await makeSeeds(), 7, 400), { parallel: 2 })
    expect(tally.examples).toEqual([])
    expect(tally.files).toBe(400)
    expect(tally.verdicts.processed).toBeGreaterThan(10)
    expect(Object.keys(tally.verdicts).length).toBeGreaterThan(2)
  })
})

describe('the judge', () => {
  const judge = createJudge()
  afterAll(() => judge.stop())

  it('counts apart what only our look at the first bytes refuses, unless it is known to be whole', async () => {
    // No marker of this number may follow the start of a JPEG; libjpeg passes over it.
    const bytes = Buffer.from(await odd.telltale('jpeg'))
    bytes[3] = 0x01
    const file = { name: 'odd marker', declared: 'image/jpeg', bytes } as const
    expect(await judge.judge(file)).toMatchObject({ verdict: 'not-an-image', lenient: true, missed: [] })
    const whole = await judge.judge({ ...file, valid: true })
    expect(whole).toMatchObject({ lenient: false, missed: [{ goal: 'valid' }] })
    const text = { ...file, bytes: Buffer.from('no picture of any kind') }
    expect(await judge.judge(text)).toMatchObject({ verdict: 'not-an-image', lenient: false, missed: [] })
  })
})

describe('the check for clean renditions', () => {
  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('finds what a %s tells', async (format) => {
    const bytes = await odd.telltale(format)
    expect(complaintsAbout({ bytes, contentType: `image/${format}` }).length).toBeGreaterThan(0)
  })

  it('finds tags of a TIFF, comments, and bytes behind the end', async () => {
    expect(complaintsAbout({ bytes: await odd.telltale('tiff'), contentType: 'image/tiff' }).join()).toContain(
      'tag 34853',
    )
    const talkative = complaintsAbout({ bytes: await odd.talkativeJpeg(), contentType: 'image/jpeg' })
    expect(talkative).toEqual(expect.arrayContaining(['does not end at its end marker', 'contains canary']))
    const bytes = Buffer.concat([await odd.onePixel('png'), Buffer.from('more')])
    expect(complaintsAbout({ bytes, contentType: 'image/png' })).toEqual(['bytes behind its end'])
  })

  it('has nothing against plain images', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
      expect(complaintsAbout({ bytes: await odd.onePixel(format), contentType: `image/${format}` })).toEqual([])
    }
  })
})
