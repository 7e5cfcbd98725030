/** Nothing outside of S3 keeps data beyond its term: tables, backups, queues and stores of other kinds. */
import { retention } from '../../platform.ts'
import { block, blocks } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'
import { days } from './retention.ts'

export const storeRetentionRules: readonly Rule[] = [
  {
    id: 'retention/table-has-ttl',
    title: 'Every table has a TTL',
    severity: 'high',
    why: 'It is the backstop behind the purge for rows.',
    source: 'Amazon DynamoDB Developer Guide, "Time to Live"',
    fix: 'Set ttl { enabled = true, attribute_name }',
    applies: ['aws_dynamodb_table'],
    check: ({ args }) =>
      !(block(args.ttl).enabled === true && block(args.ttl).attribute_name) && 'has no TTL: rows stay for ever',
  },
  {
    id: 'retention/backups-end',
    title: 'A table’s backups outlive the promise by a day at most',
    severity: 'high',
    why: 'Point-in-time recovery keeps 35 days where nothing is said: purged rows could be restored for a month.',
    source: 'Amazon DynamoDB Developer Guide, "Point-in-time recovery", recovery period 1 to 35 days',
    fix: 'Set point_in_time_recovery.recovery_period_in_days to 1',
    applies: ['aws_dynamodb_table'],
    check: ({ args }) => {
      const recovery = block(args.point_in_time_recovery)
      if (recovery.enabled !== true) return undefined
      const kept = recovery.recovery_period_in_days ?? 35
      return (
        kept > days(retention.backups) && `can be restored to ${kept} days ago, ${days(retention.backups)} is the most`
      )
    },
  },
  {
    id: 'retention/no-table-copies',
    title: 'No table is copied elsewhere',
    severity: 'high',
    why: 'Replicas, exports and streams into Kinesis hold rows that the purge does not know.',
    source: 'Amazon DynamoDB Developer Guide, "Global tables", "Exporting table data to Amazon S3"',
    fix: 'Remove it, or purge the copy too and say so in docs/retention.md',
    applies: [
      'aws_dynamodb_table',
      'aws_dynamodb_table_replica',
      'aws_dynamodb_table_export',
      'aws_dynamodb_kinesis_streaming_destination',
    ],
    check: ({ type, args }) =>
      (type !== 'aws_dynamodb_table' || blocks(args.replica).length > 0) && 'copies rows to another place',
  },
  {
    id: 'retention/backup-plans-end',
    title: 'Backups on a plan end in a day',
    severity: 'high',
    why: 'AWS Backup keeps for ever what has no delete_after.',
    source: 'AWS Backup Developer Guide, "Backup plan options and configuration"',
    fix: 'Set lifecycle.delete_after to 1, or leave the plan out',
    applies: ['aws_backup_plan'],
    check: ({ args }) =>
      blocks(args.rule).map((rule) => {
        const kept = block(rule.lifecycle).delete_after
        if (kept === undefined) return `the rule "${rule.rule_name}" keeps backups for ever`
        return kept > days(retention.backups) && `the rule "${rule.rule_name}" keeps backups for ${kept} days`
      }),
  },
  {
    id: 'retention/queue-forgets',
    title: 'Queues forget before the promise ends',
    severity: 'high',
    why: 'A dead letter is a full copy of an event; SQS keeps up to 14 days.',
    source: 'Amazon SQS Developer Guide, "Amazon SQS message quotas"',
    fix: `Set message_retention_seconds to at most ${retention.failures / 1000}`,
    applies: ['aws_sqs_queue'],
    check: ({ args }) => {
      // Four days where nothing is said.
      const kept = args.message_retention_seconds ?? 345_600
      return kept > retention.failures / 1000 && `keeps messages for ${kept / 86_400} days`
    },
  },
  {
    id: 'retention/no-other-stores',
    title: 'Data lies only in stores that the purge knows',
    severity: 'high',
    why: 'S3, DynamoDB and the stream are purged; whatever else keeps data keeps it for ever.',
    source: 'docs/retention.md',
    fix: 'Use the lake or the ledger; or purge the store too, and say so in docs/retention.md',
    applies: [
      'aws_backup_vault',
      'aws_db_instance',
      'aws_docdb_cluster',
      'aws_ebs_snapshot',
      'aws_ebs_volume',
      'aws_efs_file_system',
      'aws_elasticache_cluster',
      'aws_elasticache_replication_group',
      'aws_glacier_vault',
      'aws_keyspaces_table',
      'aws_kinesis_stream',
      'aws_memorydb_cluster',
      'aws_neptune_cluster',
      'aws_opensearch_domain',
      'aws_rds_cluster',
      'aws_redshift_cluster',
      'aws_s3_directory_bucket',
      'aws_timestreamwrite_table',
    ],
    check: ({ type }) => `is a store that no purge knows (${type})`,
  },
  {
    id: 'retention/no-event-archive',
    title: 'Archives of events end',
    severity: 'medium',
    why: 'EventBridge and FIFO topics archive for ever where no retention is given.',
    source: 'Amazon EventBridge User Guide, "Archiving events"; Amazon SNS Developer Guide, "Message archiving"',
    fix: `Set retention_days to at most ${days(retention.events)}, or leave the archive out`,
    applies: ['aws_cloudwatch_event_archive', 'aws_sns_topic'],
    check: ({ type, args }) => {
      if (type === 'aws_sns_topic') return args.archive_policy && 'archives its messages'
      const kept = args.retention_days
      if (!kept) return 'archives events for ever'
      return kept > days(retention.events) && `archives events for ${kept} days`
    },
  },
]
