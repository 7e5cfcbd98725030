/** How large the functions are that are uploaded to Lambda. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localConfig } from '../../config.ts'
import { createReport } from '../../scripts/bootstrap/progress.mjs'
import { budgetOf, deployedNames, packageFunctions } from '../../scripts/package.ts'
import { summary } from '../contest.ts'
import type { Measure } from '../measurement.ts'

const MB = 1e6

export const measureSizes: Measure = async () => {
  const target = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
  try {
    const packages = await packageFunctions(deployedNames, {
      root: join(import.meta.dirname, '../..'),
      target,
      architecture: 'arm64',
      cache: localConfig().cache,
      report: createReport(),
    })
    return packages.map(({ name, bytes }) => ({
      what: `${name}.zip`,
      value: summary([bytes / MB]),
      unit: 'MB' as const,
      goal: { atMost: budgetOf(name) / MB },
    }))
  } finally {
    await rm(target, { recursive: true, force: true })
  }
}
