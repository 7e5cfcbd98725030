/** Short, pointed faults: each does the one thing that a planted bug cannot survive. */
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { ImageRow } from '../../functions/shared/image.ts'
import type { Scene } from '../campaign.ts'
import { claimFile, type Rule } from '../inject/settings.ts'
import type { Link } from '../proxies.ts'
import { age } from '../workload/aging.ts'
import type { CrowdOptions } from '../workload/crowd.ts'
import type { Upload } from '../workload/history.ts'
import { samplesFor, type UploadPlan } from '../workload/plan.ts'

/** Some seconds on an idle machine; a full one takes its time. */
const reachedWithinMs = 180_000

/** Waits until so many uploads are acknowledged: a busy machine takes its time. */
export async function untilAcknowledged({ crowd }: Scene, count: number): Promise<void> {
  const enough = () => crowd.uploads.filter(({ acknowledged }) => acknowledged.size > 0).length >= count
  await until(enough, `${count} acknowledged uploads`)
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = performance.now() + reachedWithinMs; !(await holds()); await pause(25)) {
    if (performance.now() > deadline) throw new Error(`there were no ${what} within three minutes`)
  }
}

/** Cuts a link for a while, in which clients go on. */
export const cutting = (link: Link, ms: number) => async (scene: Scene) => {
  await untilAcknowledged(scene, 1)
  await scene.striker.strike({ kind: 'cut', link, ms, delayMs: 0 })
  await pause(500)
}

type At = Pick<Rule, 'function' | 'call' | 'when' | 'action'> & Partial<Pick<Rule, 'skip'>>

/** Strikes at so many calls, one after the other, and waits until all have been reached. */
export const striking =
  (at: At, times: number, meanwhile?: (scene: Scene) => Promise<void>) => async (scene: Scene) => {
    const { platform, striker } = scene
    const rules = Array.from({ length: times }, (_, n): Rule => ({ skip: 0, ...at, id: `planted-${n}` }))
    platform.setRules(rules)
    await until(
      () => rules.every(({ id }) => existsSync(claimFile(platform.folder, id))),
      `${times} calls ${at.call} of ${at.function}`,
    )
    await meanwhile?.(scene)
    await striker.heal()
    await pause(500)
  }

/** An image that is due, and its row as it was before. */
export type Aged = { readonly upload: Upload; readonly row: ImageRow }

/**
 * Lets some processed images come of age: nobody is at work on them any more, so only the purge changes what there is.
 * @returns at least `count` of them
 */
export async function agedImages({ crowd, observer }: Scene, count: number): Promise<Aged[]> {
  let found: Aged[] = []
  const enough = async () => {
    const { rows } = await observer.rows()
    found = crowd.uploads.flatMap((upload) => {
      const row = [...upload.acknowledged].map((id) => rows.get(id)).find((each) => each?.status === 'processed')
      return row ? [{ upload, row }] : []
    })
    return found.length >= count
  }
  await until(enough, `${count} processed images`)
  for (const { upload } of found) await age(observer, upload)
  return found
}

/**
 * Lets images come of age, arms rules, and calls the purge, which has to run into the first of them.
 * @param meanwhile is done when it has
 */
export const purgingAged =
  (
    rules: readonly Omit<Rule, 'id' | 'function'>[],
    meanwhile: (scene: Scene, aged: readonly Aged[]) => Promise<void> = async () => {},
  ) =>
  async (scene: Scene) => {
    const { platform, striker } = scene
    const aged = await agedImages(scene, 4)
    platform.setRules(rules.map((rule, n): Rule => ({ ...rule, function: 'purge', id: `planted-${n}` })))
    // Where the rules kill it, there is no answer.
    const run = platform.invoke('purge', Date.now()).catch(() => {})
    await until(() => existsSync(claimFile(platform.folder, 'planted-0')), `calls ${rules[0]?.call} of the purge`)
    await meanwhile(scene, aged)
    await run
    await striker.heal()
  }

/** Lets every client do the same. */
export const everybody =
  (
    plan: Partial<Omit<UploadPlan, 'sample'>>,
    expect: 'processed' | 'quarantined' = 'processed',
  ): CrowdOptions['plan'] =>
  (random, samples) => {
    const { way = 'direct' } = plan
    return {
      sample: random.pick(samplesFor(way, samples, way === 'parts').filter((sample) => sample.expect === expect)),
      way,
      withKey: false,
      announced: false,
      repeat: false,
      erase: 'no',
      ...plan,
    }
  }
