import { expect, it } from 'vitest'
import { measure } from '../../../functions/measure/measure.ts'
import { processTrigger } from '../../../platform.ts'

const partition = (n: number, inSync: number[]) => ({ partition: n, leader: 1, replicas: [1, 2], inSync })
const kafka = {
  topics: async () => [
    { name: 'images', internal: false, partitions: [partition(0, [1, 2]), partition(1, [1])] },
    { name: 'images.quarantine', internal: false, partitions: [partition(0, [1, 2])] },
  ],
  groups: async () => ['others', processTrigger.consumerGroup],
  committed: async (group: string) =>
    group === 'others'
      ? [{ topic: 'deleted-long-ago', partitions: [{ partition: 0, offset: 5n }] }]
      : [{ topic: 'images', partitions: [{ partition: 0, offset: 8n }] }],
  offsetsOf: async (topics: readonly string[]) =>
    new Map(
      topics.map((topic) => [
        topic,
        topic === 'images'
          ? [
              { partition: 0, low: 2n, high: 10n },
              { partition: 1, low: 0n, high: 4n },
            ]
          : [{ partition: 0, low: 1n, high: 4n }],
      ]),
    ),
}

it('counts what came in, what was committed, what waits, and what is in quarantine', async () => {
  expect(await measure(kafka, { images: 'images', quarantine: 'images.quarantine' }, 1_000)).toEqual({
    at: 1_000,
    in: 14,
    out: 8,
    lag: 6,
    quarantine: 3,
    underReplicated: 1,
    groups: [{ group: processTrigger.consumerGroup, topic: 'images', lag: [2, 4] }],
  })
})
