/** What holds images and what is known about them. */
import type { Construct } from 'constructs'
import { tables } from '../platform.ts'
import { EncryptionKey } from './constructs/key.ts'
import { FailuresBucket, LakeBucket } from './constructs/lake-bucket.ts'
import { accessLogLifecycle } from './constructs/lifecycles.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { PrivateBucket } from './constructs/private-bucket.ts'
import { SigningKey } from './constructs/signing-key.ts'
import { Table } from './constructs/table.ts'
import type { FoundationStack } from './foundation.ts'

export class LakeStack extends PlatformStack {
  readonly key: EncryptionKey
  readonly accessLog: PrivateBucket
  readonly bucket: LakeBucket
  readonly failures: FailuresBucket
  readonly ledger: Table<typeof tables.ledger, 'LEDGER_TABLE'>
  readonly runs: Table<typeof tables.runs, 'RUNS_TABLE'>
  readonly receiptKey: SigningKey

  constructor(scope: Construct, { foundation }: { readonly foundation: FoundationStack }) {
    super(scope, 'lake', foundation.config)
    this.key = new EncryptionKey(this, 'key', { name: 'lake', purpose: 'Images and what is known about them' })
    this.accessLog = new PrivateBucket(this, 'access-log', {
      name: 'access-log',
      versioned: false,
      lifecycle: accessLogLifecycle,
    })
    this.accessLog.addToPolicy({
      sid: 'LogDelivery',
      principals: { Service: 'logging.s3.amazonaws.com' },
      actions: ['s3:PutObject'],
      resources: [`${this.accessLog.arn}/*`],
      conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
    })
    const storage = { key: this.key, accessLog: this.accessLog }
    this.bucket = new LakeBucket(this, 'lake', storage)
    this.failures = new FailuresBucket(this, 'failures', storage)
    this.ledger = new Table(this, 'ledger', { definition: tables.ledger, variable: 'LEDGER_TABLE', key: this.key })
    this.receiptKey = new SigningKey(this, 'receipt-key', { name: 'receipts', purpose: 'Signs receipts of erasures' })
    this.runs = new Table(this, 'runs', { definition: tables.runs, variable: 'RUNS_TABLE', key: this.key })
  }
}
