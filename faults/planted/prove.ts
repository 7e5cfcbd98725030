/** Plants bugs one after the other: the checker has to catch each of them. */
import { runCampaign } from '../campaign.ts'
import type { FindingKind } from '../check/findings.ts'
import type { PlantedBug } from './bug.ts'
import { plant } from './plant.ts'

export type Proof = {
  readonly name: string
  readonly means: string
  readonly caught: boolean
  /** What was found, or why the run could not be made. */
  readonly found: readonly FindingKind[] | string
  readonly seconds: number
}

export async function prove(bug: PlantedBug, seed: number, say: (line: string) => void): Promise<Proof> {
  const began = performance.now()
  const { name, means } = bug
  const proof = (caught: boolean, found: Proof['found']): Proof => ({
    name,
    means,
    caught,
    found,
    seconds: Math.round((performance.now() - began) / 1000),
  })
  try {
    const { findings } = await runCampaign({
      ...(await plant(bug)),
      seed,
      // What is due is the scene's matter, so that no bug is caught or missed by what clients draw.
      crowd: { people: 3, pauseMs: [100, 400], shareAged: 0, ...(bug.plan && { plan: bug.plan }) },
      faults: bug.faults,
      stopAtFirst: true,
      say: (line) => say(`  ${line}`),
    })
    const kinds = [...new Set(findings.map(({ kind }) => kind))]
    return proof(
      kinds.some((kind) => bug.caughtBy.includes(kind)),
      kinds,
    )
  } catch (error) {
    return proof(false, (error as Error).message)
  }
}

/** A line for each bug. */
export function proofTable(proofs: readonly Proof[]): string {
  const width = Math.max(...proofs.map(({ name }) => name.length))
  const foundBy = ({ found }: Proof) => (typeof found === 'string' ? `no run: ${found}` : found.join(', ') || 'nothing')
  return proofs
    .map((proof) =>
      [
        proof.caught ? 'caught' : 'MISSED',
        proof.name.padEnd(width),
        `${proof.seconds} s`.padStart(6),
        foundBy(proof),
      ].join('  '),
    )
    .join('\n')
}
