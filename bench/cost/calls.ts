/**
 * What one image asks of the stores, as `__tests__/integration/calls.test.ts` counts it on the real S3 gateway and
 * DynamoDB Local. The test fails where the code asks for more or less than stands here.
 */
export type Calls = {
  /** S3: PUT, POST and LIST requests, which cost alike. */
  readonly puts: number
  /** S3: GET and HEAD. Deletions are free. */
  readonly gets: number
  /** DynamoDB's write request units, indexes included. */
  readonly writeUnits: number
  readonly readUnits: number
  /** Writes in a transaction, whose units DynamoDB Local does not tell as AWS counts them. */
  readonly transacted: number
}

export const calls = {
  'an image by POST /images': { puts: 1, gets: 0, writeUnits: 6, readUnits: 0, transacted: 0 },
  'an image in a batch of 20': { puts: 1, gets: 1, writeUnits: 0, readUnits: 1, transacted: 2 },
  'its processing': { puts: 5, gets: 1, writeUnits: 10, readUnits: 0, transacted: 0 },
  /** Much of it is a run's own; and it depends a little on how the images' ids fall into the shards of the expiry index. */
  // Deleted: one; and its part of an intent and of an entry that many share, which AWS counts by the kilobyte: one more.
  'its purge, one of 20': { puts: 0.7, gets: 0.2, writeUnits: 0.3, readUnits: 0.7, transacted: 2 },
} as const satisfies Record<string, Calls>

export type Stage = keyof typeof calls
