/** Bugs in the way by which the purge erases what is due: many images together. */
import type { ImageRow } from '../../functions/shared/image.ts'
import type { Observer } from '../observe.ts'
import { giveTimeBack } from '../workload/aging.ts'
import type { PlantedBug } from './bug.ts'
import { claimFile, pidOfClaim } from './claims.ts'
import { everybody, purgingAged } from './scenes.ts'

const plain = everybody({})

/** More than all attempts at all requests by which the images of a group are deleted. */
const everyDeletion = 40

/** As a delivery does that began before its image was closed, and is killed before it sees that. */
async function writeLate({ lake }: Observer, { renditions = [] }: ImageRow): Promise<void> {
  for (const { key } of renditions.slice(0, 1)) await lake.put(key, 'written late', 'image/webp')
}

export const purgeBugs: readonly PlantedBug[] = [
  {
    name: 'together-without-verifying',
    means: 'the purge takes images for empty, whatever was refused and whatever it lists afterwards',
    patch: {
      file: 'functions/purge/together.ts',
      find: "image.fate = isEmpty && images.errors.length + metadata.errors.length === 0 ? 'empty' : 'alone'",
      replace: "image.fate = 'empty'; void [isEmpty, images, metadata]",
    },
    functions: ['purge'],
    plan: plain,
    faults: purgingAged(
      Array.from({ length: everyDeletion }, () => ({
        call: 's3.POST delete',
        when: 'before',
        action: 'cut',
        skip: 0,
      })),
    ),
    caughtBy: ['left-behind'],
  },
  {
    name: 'together-without-second-look',
    means: 'the purge takes images for empty when S3 has refused nothing, whatever was written meanwhile',
    patch: {
      file: 'functions/purge/together.ts',
      find: 'const isEmpty = seen !== undefined && isNothing(seen)',
      replace: 'const isEmpty = Boolean(seen || isNothing)',
    },
    functions: ['purge'],
    plan: plain,
    // Two listings of versions show what there is, of images and of metadata; the third is the second look.
    faults: purgingAged(
      [{ call: 's3.GET versions', when: 'before', action: 'stop', skip: 2 }],
      async ({ observer, platform }, aged) => {
        for (const { row } of aged) await writeLate(observer, row)
        process.kill(pidOfClaim(claimFile(platform.folder, 'planted-0')), 'SIGCONT')
      },
    ),
    caughtBy: ['left-behind'],
  },
  {
    name: 'together-without-intent',
    means: 'the purge deletes the rows of images that are due, and nothing says that their objects are still there',
    patch: {
      file: 'functions/shared/receipts/intents.ts',
      find: '(left) => [putOf(id, namedBy(new Set(left), images))]',
      replace: '() => []',
    },
    functions: ['purge'],
    plan: plain,
    // It is killed before the first deletion. Called again, the purge finds an intent, or nothing.
    faults: purgingAged([{ call: 's3.POST delete', when: 'before', action: 'kill', skip: 0 }]),
    caughtBy: ['left-behind'],
  },
  {
    name: 'intents-not-taken-up',
    means: 'the purge does not look for what an interrupted one was at',
    patch: {
      file: 'functions/purge/due.ts',
      find: '  await takeUpIntents(work)\n',
      replace: '  void takeUpIntents\n',
    },
    functions: ['purge'],
    plan: plain,
    faults: purgingAged([{ call: 's3.POST delete', when: 'before', action: 'kill', skip: 0 }]),
    caughtBy: ['left-behind'],
  },
  {
    name: 'together-unconditional-close',
    means: 'the purge closes rows that were due when it read the index, and live longer by now',
    patch: {
      file: 'functions/purge/together.ts',
      find: 'intents.declare(id, intended, work.now)',
      replace: 'intents.declare(id, intended, Number.MAX_SAFE_INTEGER)',
    },
    functions: ['purge'],
    plan: plain,
    // It has read the index and is about to close; when it wakes up, all of them live on.
    faults: purgingAged(
      [{ call: 'dynamodb.TransactWriteItems', when: 'before', action: 'stop', skip: 0 }],
      async ({ observer, platform }, aged) => {
        for (const { upload, row } of aged) await giveTimeBack(observer, upload, row.expiresAt)
        process.kill(pidOfClaim(claimFile(platform.folder, 'planted-0')), 'SIGCONT')
      },
    ),
    caughtBy: ['lost'],
  },
]
