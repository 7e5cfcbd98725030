/** The files that are tried: public collections as they are, and mutants of small seeds. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sniffImageType, sniffLength } from '../functions/shared/sniff.ts'
import type { ImageType } from '../platform.ts'
import { type CorpusName, corpusFolder, isKnownWhole } from './corpora.ts'
import type { Case } from './judge.ts'
import { mutant } from './mutate.ts'
import type { Seed } from './seeds.ts'

export type Named = Case & { readonly how: readonly string[] }

/** As an uploader would declare it who has looked; whoever has not gets a refusal for that alone. */
export const declaredFor = (bytes: Uint8Array, otherwise: ImageType): ImageType =>
  sniffImageType(bytes.subarray(0, sniffLength)) ?? otherwise

/** All files of a collection, in the order of their paths; many are no pictures. */
export async function* publicFiles(corpus: CorpusName): AsyncGenerator<Named> {
  const folder = await corpusFolder(corpus)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  for (const path of paths.sort()) {
    const bytes = await readFile(path)
    const name = path.slice(folder.length + 1)
    const declared = declaredFor(bytes, 'image/jpeg')
    const valid = isKnownWhole(corpus, name)
    yield { name: `${corpus}/${name}`, bytes, declared, how: [], ...(valid && { valid }) }
  }
}

export function* mutants(seeds: readonly Seed[], seed: number, count: number): Generator<Named> {
  for (let number = 0; number < count; number += 1) {
    const { name, seed: from, bytes, how } = mutant(seeds, seed, number)
    yield { name, bytes, declared: declaredFor(bytes, from.type), how: [`${from.type} ${from.name}`, ...how] }
  }
}
