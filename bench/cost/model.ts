/** What a million images cost on AWS, from counted calls and list prices. Pure. */
import { functions, retention } from '../../platform.ts'
import { type Calls, calls } from './calls.ts'
import { peers, unitPrices } from './prices.ts'

export type Assumptions = {
  /** Megabytes of an original, and of all that is made from it. */
  readonly originalMB: number
  readonly renditionsMB: number
  /** Seconds that the functions run for an image. */
  readonly uploadSeconds: number
  readonly processSeconds: number
  /** Images of a batch. */
  readonly batch: number
}

export type CostLine = { readonly what: string; readonly dollars: number }

const million = 1e6
const monthDays = 30.4
const renditions = 4

/** Two units for the row, as AWS says of transactions, and one for each of up to four indexes that it changes. */
const unitsOfTransacted = 2 + 4

const storeCalls = ({ puts, gets, writeUnits, readUnits, transacted }: Calls): number =>
  puts * unitPrices.put.dollars +
  gets * unitPrices.get.dollars +
  (writeUnits + transacted * unitsOfTransacted) * unitPrices.writeUnit.dollars +
  readUnits * unitPrices.readUnit.dollars

const compute = (seconds: number, memoryMb: number): number => (seconds * memoryMb * unitPrices.compute.dollars) / 1024

/** Each line for a million images. What costs the same however many images come (brokers, endpoints) is in docs/deploy.md. */
export function costOfAMillion({ originalMB, renditionsMB, ...assumed }: Assumptions): CostLine[] {
  const days = retention.images / 86_400_000
  const each = {
    'taking in: API and function':
      (unitPrices.apiRequest.dollars + unitPrices.invocation.dollars) * (2 / assumed.batch),
    'taking in: computing': compute(assumed.uploadSeconds, functions.upload.memoryMb),
    'taking in: stores': storeCalls(calls['an image in a batch of 20']),
    'processing: computing':
      compute(assumed.processSeconds, functions.process.memoryMb) + unitPrices.invocation.dollars / 10,
    'processing: stores': storeCalls(calls['its processing']),
    'keeping for seven days': ((originalMB + renditionsMB) / 1024) * unitPrices.storage.dollars * (days / monthDays),
    'purging: stores': storeCalls(calls['its purge, one of 20']),
  }
  return Object.entries(each).map(([what, dollars]) => ({ what, dollars: dollars * million }))
}

/** The same renditions by others. */
export const peerCosts = (): CostLine[] =>
  Object.entries(peers).map(([what, { dollars }]) => ({ what, dollars: dollars * renditions * million }))

/**
 * AWS's own solution for images (Dynamic Image Transformation) makes each rendition when it is asked for: an API
 * request, an invocation that reads the original and encodes once, no copy kept but CloudFront's.
 */
export function onDemandCost({ processSeconds }: Pick<Assumptions, 'processSeconds'>): number {
  const one =
    unitPrices.apiRequest.dollars +
    unitPrices.invocation.dollars +
    unitPrices.get.dollars +
    // The same encoders; the original is decoded anew for each rendition.
    compute(processSeconds / renditions, 1024 * 1.5)
  return one * renditions * million
}
