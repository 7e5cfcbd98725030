/**
 * Fresh buckets and tables in the shared local platform's S3 and DynamoDB, so that a test may purge everything without
 * touching anybody else's images.
 */
import { createStoresOn } from './fresh-stores.ts'
import { sharedPlatform } from './platform.ts'

export type { Stores } from './fresh-stores.ts'

/** Makes a lake, a failures bucket, a ledger and a runs table with names of their own. Call `close` afterwards. */
export const createStores = () => createStoresOn(sharedPlatform().config)
