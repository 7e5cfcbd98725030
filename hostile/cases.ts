/** The files that are tried: public collections as they are, and mutants of small seeds. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sniffImageType, sniffLength } from '../functions/shared/sniff.ts'
import type { ImageType } from '../platform.ts'
import { type CorpusName, corpora, corpusFolder } from './corpora.ts'
import type { Case } from './judge.ts'
import { mutant } from './mutate.ts'
import type { Seed } from './seeds.ts'

export type Named = Case & { readonly how: readonly string[] }

/** As an uploader would declare it who has looked; whoever has not gets a refusal for that alone. */
export const declaredFor = (bytes: Uint8Array, otherwise: ImageType): ImageType =>
  sniffImageType(bytes.subarray(0, sniffLength)) ?? otherwise

/** Whole HEIC files, by their folder: bare sharp cannot say. The others there are broken, or odd on purpose. */
const wholeHeic = /^heif(_other)?\/[^/]+\.(heic|heif|hif)$/

export async function* publicFiles(): AsyncGenerator<Named> {
  for (const corpus of Object.keys(corpora) as CorpusName[]) {
    const folder = await corpusFolder(corpus)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    for (const path of paths.sort()) {
      const bytes = await readFile(path)
      const name = path.slice(folder.length + 1)
      yield {
        name: `${corpus}/${name}`,
        bytes,
        declared: declaredFor(bytes, 'image/jpeg'),
        how: [],
        ...(wholeHeic.test(name) && { valid: true }),
      }
    }
  }
}

export function* mutants(seeds: readonly Seed[], seed: number, count: number): Generator<Named> {
  for (let number = 0; number < count; number += 1) {
    const { name, seed: from, bytes, how } = mutant(seeds, seed, number)
    yield { name, bytes, declared: declaredFor(bytes, from.type), how: [`${from.type} ${from.name}`, ...how] }
  }
}
