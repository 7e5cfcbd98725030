import { describe, expect, it, vi } from 'vitest'
import { createQuota } from '../../../functions/upload/quota.ts'
import { quotaMeasure } from '../../../platform.ts'

const quota = { images: 10, bytes: 1_000 }

/** A person's use, as the index would tell it, and a clock that the test moves. */
function person(images: number, bytes: number) {
  const use = { images, bytes }
  const measure = vi.fn(async () => ({ ...use }))
  const clock = { now: 0 }
  return { use, measure, clock, admit: createQuota(measure, () => clock.now, quota) }
}

describe('the quota', () => {
  it('takes exactly as many images as there is room for', async () => {
    const { admit } = person(8, 0)
    await admit('uma', 1)
    await admit('uma', 1)
    await expect(admit('uma', 1)).rejects.toMatchObject({ status: 403, code: 'quota-exceeded', retriable: false })
  })

  it('takes exactly as many bytes as there is room for', async () => {
    const { admit } = person(1, 900)
    await expect(admit('uma', 101)).rejects.toMatchObject({ code: 'quota-exceeded' })
    await admit('uma', 100)
    await expect(admit('uma', 1)).rejects.toThrow('You keep')
  })

  it('says what to do', async () => {
    await expect(person(10, 0).admit('uma', 1)).rejects.toMatchObject({ hint: expect.stringContaining('Erase') })
  })

  it('reads the index once for many uploads, and more often where it is nearly used up', async () => {
    const far = person(0, 0)
    await far.admit('uma', 1)
    far.clock.now = quotaMeasure.relaxedMs - 1
    await far.admit('uma', 1)
    expect(far.measure).toHaveBeenCalledTimes(1)
    far.clock.now = quotaMeasure.relaxedMs
    await far.admit('uma', 1)
    expect(far.measure).toHaveBeenCalledTimes(2)

    const near = person(8, 0)
    await near.admit('uma', 1)
    near.clock.now = quotaMeasure.carefulMs
    await near.admit('uma', 1)
    expect(near.measure).toHaveBeenCalledTimes(2)
  })

  it('refuses nobody by an old measurement: who has just erased something may upload at once', async () => {
    const { admit, use, clock } = person(10, 0)
    await expect(admit('uma', 1)).rejects.toThrow()
    use.images = 3
    clock.now = quotaMeasure.refusalMs
    await admit('uma', 1)
  })

  it('goes beyond by no more than the other processes take in until they measure anew', async () => {
    const use = { images: 8, bytes: 0 }
    const clock = { now: 0 }
    const processes = [1, 2, 3].map(() =>
      createQuota(
        async () => ({ ...use }),
        () => clock.now,
        quota,
      ),
    )
    const store = async (admit: (typeof processes)[0]) => {
      await admit('uma', 1)
      use.images += 1
    }
    // All three have measured eight before any of them stores.
    await Promise.all(processes.map(store))
    clock.now = quotaMeasure.carefulMs
    for (const admit of processes) await expect(store(admit)).rejects.toThrow()
    expect(use.images).toBe(11)
  })

  it('counts each person apart', async () => {
    const admit = createQuota(
      async (owner) => ({ images: owner === 'full' ? 10 : 0, bytes: 0 }),
      () => 0,
      quota,
    )
    await admit('uma', 1)
    await expect(admit('full', 1)).rejects.toThrow()
  })
})
