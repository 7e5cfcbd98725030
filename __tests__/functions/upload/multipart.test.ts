import { describe, expect, it } from 'vitest'
import { partsOf } from '../../../functions/upload/multipart.ts'

const MiB = 1024 * 1024

describe('the parts of a file', () => {
  it('are equally long but the last, and together the whole file', () => {
    const parts = partsOf(12 * MiB + 7, 5 * MiB)
    expect(parts).toEqual([
      { number: 1, bytes: 5 * MiB },
      { number: 2, bytes: 5 * MiB },
      { number: 3, bytes: 2 * MiB + 7 },
    ])
  })

  it('have no empty one at the end of a file that fits exactly', () => {
    expect(partsOf(10 * MiB, 5 * MiB).map(({ number }) => number)).toEqual([1, 2])
    expect(partsOf(1, 5 * MiB)).toEqual([{ number: 1, bytes: 1 }])
  })
})
