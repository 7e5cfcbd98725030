/** The bugs that are planted. Each takes one safeguard away; `docs/faults.md` says which. */
import { setTimeout as pause } from 'node:timers/promises'
import type { PlantedBug } from './bug.ts'
import { claimFile, pidOfClaim } from './claims.ts'
import { purgeBugs } from './purge-bugs.ts'
import { cutting, everybody, striking, untilAcknowledged } from './scenes.ts'
import { storageBugs } from './storage-bugs.ts'

const plain = everybody({})
const keyed = everybody({ withKey: true })

export const bugs: readonly PlantedBug[] = [
  {
    name: 'acknowledge-before-object',
    means: 'the upload is acknowledged while the original is still being written',
    patch: {
      file: 'functions/upload/accept.ts',
      find: '[storeOriginal(lake, row, image), ledger.insert(row)]',
      replace: '[(void storeOriginal(lake, row, image).catch(() => {}), { existed: false }), ledger.insert(row)]',
    },
    functions: ['upload'],
    plan: plain,
    faults: cutting('s3', 3_000),
    caughtBy: ['original-missing'],
  },
  {
    name: 'acknowledge-before-row',
    means: 'the upload is acknowledged while its row is still being written',
    patch: {
      file: 'functions/upload/accept.ts',
      find: '[storeOriginal(lake, row, image), ledger.insert(row)]',
      replace: '[storeOriginal(lake, row, image), (void ledger.insert(row).catch(() => {}), true)]',
    },
    functions: ['upload'],
    plan: plain,
    faults: cutting('dynamodb', 4_000),
    caughtBy: ['lost'],
  },
  {
    name: 'repeated-on-row-alone',
    means: 'a repetition is acknowledged because a row is there, whose original may never have arrived',
    patch: {
      file: 'functions/upload/accept.ts',
      find: '  await storeOriginal(parts.lake, row, image)\n  checkYoung(row, parts.clock())\n',
      replace: '',
    },
    functions: ['upload'],
    plan: keyed,
    faults: async (scene) => {
      await untilAcknowledged(scene, 1)
      // While nothing can be stored, producers end as soon as they have written the row of the key and that of the image.
      scene.platform.proxies.s3.set({ kind: 'cut' })
      const imageRow = { function: 'upload', call: 'dynamodb.PutItem', skip: 1 } as const
      await striking({ ...imageRow, when: 'after', action: 'kill' }, 3)(scene)
    },
    caughtBy: ['original-missing'],
  },
  {
    name: 'no-republish',
    means: 'the sweep counts waiting events and publishes none',
    patch: {
      file: 'functions/republish/republish.ts',
      find: '      await publish(row)\n',
      replace: '',
    },
    functions: ['republish'],
    plan: plain,
    faults: cutting('kafka', 4_000),
    caughtBy: ['stuck'],
  },
  {
    name: 'no-outbox',
    means: 'an image whose event Kafka did not take is acknowledged without being put into the outbox',
    patch: {
      file: 'functions/upload/accept.ts',
      find: '    await ledger.leaveToSweep(rows)\n',
      replace: '',
    },
    functions: ['upload'],
    plan: plain,
    faults: cutting('kafka', 4_000),
    caughtBy: ['no-event'],
  },
  {
    name: 'marked-before-published',
    means: 'the ledger says that an event is in Kafka before Kafka has it',
    patch: {
      file: 'functions/upload/accept.ts',
      find: "    status: 'received',\n",
      replace: "    status: 'published',\n    publishedAt: receivedAt,\n",
    },
    functions: ['upload'],
    plan: plain,
    faults: cutting('kafka', 4_000),
    caughtBy: ['no-event', 'skipped'],
  },
  {
    name: 'acks-none',
    means: 'the producer does not wait for any broker',
    patch: { file: 'functions/shared/kafka.ts', find: 'acks: -1', replace: 'acks: 0' },
    functions: ['upload'],
    plan: plain,
    faults: cutting('kafka', 2_000),
    caughtBy: ['no-event', 'skipped'],
  },
  {
    name: 'unconditional-transition',
    means: 'a row is changed whatever its status is, and whether or not it is there',
    patch: {
      file: 'functions/shared/transition.ts',
      find: '  if (from)\n',
      replace: "  conditions.push('(attribute_exists(id) OR attribute_not_exists(id))')\n  if (from && false)\n",
    },
    functions: ['upload', 'images', 'process', 'republish', 'purge'],
    plan: everybody({ erase: 'at-once' }),
    faults: async (scene) => {
      await untilAcknowledged(scene, 4)
      await pause(1_500)
      await scene.striker.strike({ kind: 'duplicates', count: 10 })
    },
    caughtBy: ['not-gone', 'resurrected', 'unexplained-row'],
  },
  {
    name: 'no-idempotency-check',
    means: 'a repeated Idempotency-Key is a new upload',
    patch: {
      file: 'functions/upload/idempotency.ts',
      find: 'if (key === undefined) return fresh',
      replace: 'if (key === undefined || key.length > 0) return fresh',
    },
    functions: ['upload'],
    plan: everybody({ withKey: true, repeat: true }),
    faults: (scene) => untilAcknowledged(scene, 3),
    caughtBy: ['doubled'],
  },
  {
    name: 'original-overwritten',
    means: 'an original may be written a second time by the command that follows the lean request',
    patch: { file: 'functions/shared/lake.ts', find: "      IfNoneMatch: '*',\n", replace: '' },
    functions: ['upload'],
    plan: keyed,
    faults: striking({ function: 'upload', call: 's3.PUT original', when: 'after', action: 'kill' }, 2),
    caughtBy: ['doubled'],
  },
  {
    name: 'original-overwritten-at-once',
    means: 'an original may be written a second time by the lean request, which comes before the command',
    patch: { file: 'functions/shared/lake.ts', find: "      'if-none-match': '*',\n", replace: '' },
    functions: ['upload'],
    plan: keyed,
    faults: striking({ function: 'upload', call: 's3.PUT original', when: 'after', action: 'kill' }, 2),
    caughtBy: ['doubled'],
  },
  {
    name: 'commit-before-processing',
    means: 'the trigger commits the offset and then invokes the processor',
    patch: {
      file: 'local/triggers/dispatcher.ts',
      find: 'const result = await options.invoke(',
      replace:
        'if (!(await commit(job, { ...delivery, pieces: [] }))) return\n        const result = await options.invoke(',
    },
    functions: [],
    plan: plain,
    faults: striking(
      { function: 'process', call: 's3.GET original', when: 'before', action: 'stop' },
      1,
      ({ striker }) => striker.strike({ kind: 'kill', part: 'triggers' }),
    ),
    caughtBy: ['skipped'],
  },
  {
    name: 'ignore-item-failures',
    means: 'the trigger takes every answer for success, whatever failures it names',
    patch: {
      file: 'local/triggers/response.ts',
      find: 'if (failures.length === 0) return success',
      replace: 'if (failures.length >= 0) return success',
    },
    functions: [],
    plan: plain,
    faults: striking({ function: 'process', call: 's3.GET original', when: 'before', action: 'cut' }, 9),
    caughtBy: ['skipped'],
  },
  {
    name: 'swallow-failures',
    means: 'the processor does not report what failed',
    patch: {
      file: 'functions/process/batch.ts',
      find: '[...firstFailure].map(([partition, offset]) => ({ itemIdentifier: { partition, offset } }))',
      replace: '[]',
    },
    functions: ['process'],
    plan: plain,
    faults: striking({ function: 'process', call: 's3.GET original', when: 'before', action: 'cut' }, 9),
    caughtBy: ['skipped'],
  },
  {
    name: 'renditions-not-awaited',
    means: 'an image counts as processed while its renditions are still being written',
    patch: {
      file: 'functions/process/delivery.ts',
      find: 'await lake.put(key, bytes, contentType)',
      replace: 'void lake.put(key, bytes, contentType).catch(() => {})',
    },
    functions: ['process'],
    plan: plain,
    faults: striking({ function: 'process', call: 's3.PUT rendition', when: 'before', action: 'cut' }, 12),
    caughtBy: ['rendition-missing'],
  },
  {
    name: 'drop-on-quarantine-failure',
    means: 'an image counts as quarantined although its record did not reach the quarantine topic',
    patch: {
      file: 'functions/process/quarantine.ts',
      find: '[quarantineRecord(record, error, at)])',
      replace: '[quarantineRecord(record, error, at)]).catch(() => {})',
    },
    functions: ['process'],
    plan: everybody({}, 'quarantined'),
    faults: striking({ function: 'process', call: 'kafka.Produce', when: 'before', action: 'cut' }, 4),
    caughtBy: ['no-quarantine-record'],
  },
  {
    name: 'resurrect-late',
    means: 'what the processor wrote for an image that was erased meanwhile stays',
    patch: {
      file: 'functions/process/settle.ts',
      find: "  if (row === undefined || isGone(row)) {\n    await emptyPrefix(parts.lake, address)\n    return 'gone'",
      replace: "  if (row === undefined || isGone(row)) {\n    return 'gone'",
    },
    functions: ['process'],
    plan: everybody({ erase: 'at-once' }),
    faults: striking(
      { function: 'process', call: 's3.PUT rendition', when: 'before', action: 'stop' },
      1,
      async (scene) => {
        // Time enough for the erasure to come to its end; then the processor wakes up, and writes.
        await pause(4_000)
        process.kill(pidOfClaim(claimFile(scene.platform.folder, 'planted-0')), 'SIGCONT')
      },
    ),
    caughtBy: ['left-behind'],
  },
  {
    name: 'row-deleted-first',
    means: 'an erasure deletes the row before the objects',
    patch: {
      file: 'functions/shared/erase.ts',
      find: '    await emptyPrefix(lake, row, images, metadata)\n',
      replace:
        '    if (await ledger.remove(row.id)) removed.rows += 1\n    await emptyPrefix(lake, row, images, metadata)\n',
    },
    functions: ['images', 'purge'],
    plan: everybody({ erase: 'later' }),
    faults: striking({ function: 'images', call: 'dynamodb.DeleteItem', when: 'after', action: 'kill' }, 2),
    caughtBy: ['left-behind'],
  },
  {
    name: 'erase-without-verifying',
    means: 'an erasure believes that what it deleted is gone, and does not look again',
    patch: {
      file: 'functions/shared/erase.ts',
      find: 'if (empty.every(Boolean)) return',
      replace: 'return void empty',
    },
    functions: ['images', 'purge'],
    plan: everybody({ erase: 'later' }),
    faults: striking({ function: 'images', call: 's3.POST delete', when: 'before', action: 'cut' }, 8),
    caughtBy: ['left-behind'],
  },
  ...purgeBugs,
  ...storageBugs,
]

export const bugNames: readonly string[] = bugs.map(({ name }) => name)
