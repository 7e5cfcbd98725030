/** What a planted bug is: a safeguard taken away from the real code, and the shortest run that has to notice. */

import type { Scene } from '../campaign.ts'
import type { FindingKind } from '../check/findings.ts'
import type { InjectSettings, SourcePatch } from '../inject/settings.ts'
import type { CrowdOptions } from '../workload/crowd.ts'

export type PlantedBug = {
  readonly name: string
  /** What is wrong with the code, in half a sentence. */
  readonly means: string
  readonly patch: SourcePatch
  /** Functions whose bundles hold the patched file; none where it is a module of `local/`. */
  readonly functions: readonly (keyof typeof import('../../platform.ts').functions)[]
  /** What clients do while the faults are done. */
  readonly plan?: CrowdOptions['plan']
  readonly faults: (scene: Scene) => Promise<void>
  /** Any of these counts as caught: the rest may come with it. */
  readonly caughtBy: readonly FindingKind[]
}

export type PlantedBundles = InjectSettings['bundles']
