/** What a planted bug is: a safeguard taken away from the real code, and the shortest run that has to notice. */

import type { FunctionName } from '../../platform.ts'
import type { Scene } from '../campaign.ts'
import type { FindingKind } from '../check/findings.ts'
import type { SourcePatch } from '../inject/settings.ts'
import type { CrowdOptions } from '../workload/crowd.ts'

export type PlantedBug = {
  readonly name: string
  /** What is wrong with the code, in half a sentence. */
  readonly means: string
  readonly patch: SourcePatch
  /** Functions whose bundles hold the patched file; none where it is a module of `local/`. */
  readonly functions: readonly FunctionName[]
  /** What clients do while the faults are done. */
  readonly plan?: CrowdOptions['plan']
  readonly faults: (scene: Scene) => Promise<void>
  /** Any of these counts as caught: the rest may come with it. */
  readonly caughtBy: readonly FindingKind[]
}
