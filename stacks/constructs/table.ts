/** A DynamoDB table as `platform.ts` defines it, and the permissions on it that come with its variable. */
import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table/index.js'
import { Construct } from 'constructs'
import { type IndexDefinition, retention, type TableDefinition } from '../../platform.ts'
import { days } from './days.ts'
import type { EncryptionKey } from './key.ts'
import type { PlatformStack } from './platform-stack.ts'
import type { Grantee } from './policy.ts'

export type TableProps<Definition extends TableDefinition, Variable extends string> = {
  readonly definition: Definition
  /** The variable by which functions find the table. */
  readonly variable: Variable
  readonly key: EncryptionKey
}

export type TableAccess<Index extends string> = {
  readonly read?: boolean
  readonly insert?: boolean
  readonly update?: boolean
  readonly remove?: boolean
  /** Those that may be queried. */
  readonly indexes?: readonly Index[]
}

/** DynamoDB's names of what a right allows. */
const actionsOf = {
  read: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
  insert: ['dynamodb:PutItem'],
  update: ['dynamodb:UpdateItem'],
  remove: ['dynamodb:DeleteItem'],
} as const
const rights = Object.keys(actionsOf) as (keyof typeof actionsOf)[]

export class Table<Definition extends TableDefinition, Variable extends string> extends Construct {
  readonly name: string
  readonly arn: string
  readonly #props: TableProps<Definition, Variable>

  constructor(stack: PlatformStack, id: string, props: TableProps<Definition, Variable>) {
    super(stack, id)
    this.#props = props
    const { definition } = props
    const table = new DynamodbTable(this, 'table', {
      name: stack.named(definition.name),
      billingMode: 'PAY_PER_REQUEST',
      hashKey: definition.partitionKey,
      ...(definition.sortKey && { rangeKey: definition.sortKey }),
      attribute: Object.entries(definition.attributes).map(([name, type]) => ({ name, type })),
      globalSecondaryIndex: Object.values(definition.indexes).map((index) => ({
        name: index.name,
        hashKey: index.partitionKey,
        rangeKey: index.sortKey,
        ...projectionOf(index),
      })),
      ttl: { enabled: true, attributeName: definition.ttlAttribute },
      // AWS keeps 35 days where nothing is said; a backup must not outlive the promise by more than this.
      pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: days(retention.backups) },
      serverSideEncryption: { enabled: true, kmsKeyArn: props.key.arn },
      deletionProtectionEnabled: stack.config.protectData,
      lifecycle: { preventDestroy: stack.config.protectData },
    })
    this.name = table.name
    this.arn = table.arn
  }

  /** @returns the variable by which a function finds the table */
  grant(grantee: Grantee, access: TableAccess<Extract<keyof Definition['indexes'], string>>): Record<Variable, string> {
    const { definition, key, variable } = this.#props
    const actions = rights.flatMap((right) => (access[right] ? actionsOf[right] : []))
    if (actions.length > 0) grantee.allow({ actions, resources: [this.arn] })
    if (access.indexes) {
      grantee.allow({
        actions: ['dynamodb:Query'],
        resources: access.indexes.map((index) => `${this.arn}/index/${definition.indexes[index]?.name}`),
      })
    }
    // DynamoDB asks KMS in the caller's name, for reading as for writing.
    key.grantEncrypt(grantee, 'dynamodb')
    return { [variable]: this.name } as Record<Variable, string>
  }
}

const projectionOf = ({ projection }: IndexDefinition) =>
  typeof projection === 'string'
    ? { projectionType: projection }
    : { projectionType: 'INCLUDE', nonKeyAttributes: [...projection] }
