/** What the next client does, drawn from the seed. */
import { randomUUID } from 'node:crypto'
import { limits } from '../../platform.ts'
import type { Random } from '../random.ts'
import type { Upload, Way } from './history.ts'
import { type Sample, sha256Of, unique } from './images.ts'

export type UploadPlan = {
  readonly sample: Sample
  readonly way: Way
  /** Batches take none. */
  readonly withKey: boolean
  /** Says the checksum beforehand, where the way lets it; the platform then reads what arrived. */
  readonly announced: boolean
  /** Sends the whole request, or its completion, once more after it has been acknowledged. */
  readonly repeat: boolean
  readonly erase: 'no' | 'at-once' | 'later'
}

export type DrawPlan = (random: Random, samples: readonly Sample[], way?: Way) => UploadPlan

/** Draws what the next client does; the way too, where it is not given. */
export const planUpload: DrawPlan = (random, samples, way = drawWay(random)) => {
  const sample = random.pick(samplesFor(way, samples, random.chance(0.4)))
  const withKey = way !== 'batch' && random.chance(0.6)
  const erase = random.chance(0.15) ? (random.chance(0.4) ? 'at-once' : 'later') : 'no'
  const repeat = (withKey || way !== 'direct') && random.chance(0.3)
  return {
    sample: random.chance(0.8) ? unique(sample) : sample,
    way,
    withKey,
    announced: random.chance(0.5),
    repeat,
    erase,
  }
}

function drawWay(random: Random): Way {
  const draw = random.next()
  if (draw < 0.5) return 'direct'
  if (draw < 0.68) return 'presigned'
  return draw < 0.84 ? 'parts' : 'batch'
}

/** Images of more than one part go in parts, and only so. */
export function samplesFor(way: Way, samples: readonly Sample[], large = false): readonly Sample[] {
  const isLarge = ({ bytes }: Sample) => bytes.byteLength > limits.uploadPartBytes
  return samples.filter((sample) => isLarge(sample) === (way === 'parts' && large))
}

export function newUpload(number: number, { sample, way, withKey }: UploadPlan): Upload {
  return {
    number,
    way,
    source: sample.source,
    expect: sample.expect,
    sha256: sha256Of(sample.bytes),
    key: withKey ? randomUUID() : undefined,
    events: [],
    acknowledged: new Set(),
    begun: new Set(),
    unanswered: false,
    refused: undefined,
    erased: 'no',
    aged: false,
  }
}
