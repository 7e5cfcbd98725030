/**
 * The children in which images are decoded, one for each core. The handler imports this before anything else: the first
 * child then loads while the handler's own modules do, which is a third of a cold start.
 */
import { availableParallelism } from 'node:os'
import { createPool } from './isolation/pool.ts'

export const children = createPool({ size: availableParallelism() })
