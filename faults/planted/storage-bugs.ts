/** Bugs in the ways by which files go straight to S3: presigned, in parts, in batches. */
import { setTimeout as pause } from 'node:timers/promises'
import type { PlantedBug } from './bug.ts'
import { claimFile, pidOfClaim } from './claims.ts'
import { cutting, everybody, striking } from './scenes.ts'

export const storageBugs: readonly PlantedBug[] = [
  {
    name: 'completed-without-looking',
    means: 'an upload is completed without a look at whether the file has arrived',
    patch: {
      file: 'functions/upload/presigned.ts',
      find: 'const object = await checkArrived(parts.lake, row)',
      replace: 'const object = { bytes: row.bytes, versionId: undefined }',
    },
    functions: ['upload'],
    plan: everybody({ way: 'presigned' }),
    faults: cutting('s3', 4_000),
    caughtBy: ['original-missing'],
  },
  {
    name: 'parts-aborted-under-way',
    means: 'the purge aborts uploads in parts that are still being sent',
    patch: {
      file: 'functions/purge/orphan-objects.ts',
      find: 'hasRow ? startedAt <= work.now - retention.unfinishedUploads : ',
      replace: 'hasRow ? startedAt <= work.now : ',
    },
    functions: ['purge'],
    plan: everybody({ way: 'parts', withKey: true }),
    faults: striking(
      { function: 'upload', call: 's3.GET uploadId', when: 'before', action: 'stop' },
      1,
      async ({ platform }) => {
        await platform.invoke('purge', Date.now())
        process.kill(pidOfClaim(claimFile(platform.folder, 'planted-0')), 'SIGCONT')
      },
    ),
    caughtBy: ['refused'],
  },
  {
    name: 'batch-before-rows',
    means: 'the images of a batch are acknowledged while their rows are still being written',
    patch: {
      file: 'functions/upload/batch.ts',
      find: 'const completed = await parts.ledger.completeUploads(arrivals)',
      replace:
        'void parts.ledger.completeUploads(arrivals).catch(() => {})\n  const completed = new Set(arrivals.keys())',
    },
    functions: ['upload'],
    plan: everybody({ way: 'batch' }),
    faults: striking(
      { function: 'upload', call: 's3.GET original', when: 'after', action: 'stop' },
      1,
      async ({ platform, striker }) => {
        const cut = striker.strike({ kind: 'cut', link: 'dynamodb', ms: 4_000, delayMs: 0 })
        process.kill(pidOfClaim(claimFile(platform.folder, 'planted-0')), 'SIGCONT')
        await cut
        await pause(500)
      },
    ),
    caughtBy: ['lost'],
  },
  {
    name: 'batch-marked-before-published',
    means: 'the rows of a batch say that their events are in Kafka before Kafka has them',
    patch: {
      file: 'functions/shared/upload-transitions.ts',
      find: "    status: 'received',\n",
      replace: "    status: 'published',\n    publishedAt: at,\n",
    },
    functions: ['upload'],
    plan: everybody({ way: 'batch' }),
    faults: cutting('kafka', 4_000),
    caughtBy: ['no-event', 'skipped'],
  },
]
