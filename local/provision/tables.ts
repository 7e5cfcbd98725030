/** Tables and indexes as platform.ts defines them. */
import {
  type AttributeDefinition,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type GlobalSecondaryIndexUpdate,
  type KeySchemaElement,
  type Projection,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { type IndexDefinition, resourceName, type TableDefinition, tables } from '../../platform.ts'
import { poll } from '../supervisor/poll.ts'
import { ProvisionError } from './errors.ts'

/** Seconds; DynamoDB Local makes an index of a few thousand rows in far less. */
const maxWaitTime = 60

/**
 * Creates the tables that are missing, adds missing indexes, makes those anew that show other attributes, and switches
 * TTL on. Repeating it changes nothing.
 * @returns what was changed, a line each
 * @throws ProvisionError when a table's keys are others than defined, which cannot be changed without losing rows
 */
export async function provisionTables(
  client: DynamoDBClient,
  environment: string,
  definitions: readonly TableDefinition[] = Object.values(tables),
): Promise<string[]> {
  const changes = await Promise.all(
    definitions.map(async (definition) => {
      const name = resourceName(environment, definition.name)
      const present = await describe(client, name)
      const made = present ? await addIndexes(client, present, definition) : await create(client, name, definition)
      return [...made, ...(await switchTtlOn(client, name, definition.ttlAttribute))]
    }),
  )
  return changes.flat()
}

/** A definition as CreateTable takes it. */
export function tableInput(name: string, definition: TableDefinition): CreateTableCommandInput {
  const indexes = Object.values(definition.indexes).map(indexInput)
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(definition),
    AttributeDefinitions: attributes(definition),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  }
}

const attributes = (definition: TableDefinition): AttributeDefinition[] =>
  Object.entries(definition.attributes).map(([name, type]) => ({ AttributeName: name, AttributeType: type }))

const keySchema = ({ partitionKey, sortKey }: { partitionKey: string; sortKey?: string }): KeySchemaElement[] => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  ...(sortKey ? [{ AttributeName: sortKey, KeyType: 'RANGE' as const }] : []),
]

const indexInput = (index: IndexDefinition) => ({
  IndexName: index.name,
  KeySchema: keySchema(index),
  Projection: projectionOf(index),
})

const projectionOf = ({ projection }: IndexDefinition): Projection =>
  typeof projection === 'string'
    ? { ProjectionType: projection }
    : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projection] }

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}

async function create(client: DynamoDBClient, name: string, definition: TableDefinition): Promise<string[]> {
  await client.send(new CreateTableCommand(tableInput(name, definition)))
  await waitUntilTableExists({ client, maxWaitTime, minDelay: 1, maxDelay: 1 }, { TableName: name })
  return [`created table ${name}`]
}

async function addIndexes(
  client: DynamoDBClient,
  present: TableDescription,
  definition: TableDefinition,
): Promise<string[]> {
  const name = String(present.TableName)
  const wanted = definition.indexes
  requireSameKeys(name, present.KeySchema, keySchema(definition))
  const changes: string[] = []
  for (const index of Object.values(wanted)) {
    const same = present.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.name)
    if (same) requireSameKeys(`${name}/${index.name}`, same.KeySchema, keySchema(index))
    if (same && hasProjection(same, index)) continue
    // One index a call is all that UpdateTable takes. An index can be made anew, not changed; it loses no rows.
    if (same) await updateIndex(client, name, definition, { Delete: { IndexName: index.name } })
    await updateIndex(client, name, definition, { Create: indexInput(index) })
    changes.push(`table ${name}: ${same ? 'made index anew' : 'added index'} ${index.name}`)
  }
  return changes
}

function hasProjection({ Projection }: GlobalSecondaryIndexDescription, index: IndexDefinition): boolean {
  const wanted = projectionOf(index)
  const names = (attributes: readonly string[] = []) => attributes.toSorted().join()
  return (
    Projection?.ProjectionType === wanted.ProjectionType &&
    names(Projection?.NonKeyAttributes) === names(wanted.NonKeyAttributes)
  )
}

async function updateIndex(
  client: DynamoDBClient,
  name: string,
  definition: TableDefinition,
  update: GlobalSecondaryIndexUpdate,
): Promise<void> {
  await client.send(
    new UpdateTableCommand({
      TableName: name,
      AttributeDefinitions: attributes(definition),
      GlobalSecondaryIndexUpdates: [update],
    }),
  )
  await poll(() => requireSettled(client, name), { limitMs: maxWaitTime * 1000 })
}

/** A table counts as ready while an index of it is still being filled or deleted, and cannot be asked. */
async function requireSettled(client: DynamoDBClient, name: string): Promise<void> {
  const indexes = (await describe(client, name))?.GlobalSecondaryIndexes ?? []
  const unsettled = indexes.find(({ IndexStatus }) => IndexStatus !== 'ACTIVE')
  if (unsettled) throw new ProvisionError(`${name}/${unsettled.IndexName} is ${unsettled.IndexStatus}`)
}

function requireSameKeys(what: string, present: KeySchemaElement[] = [], wanted: KeySchemaElement[]): void {
  const text = (schema: KeySchemaElement[]) => schema.map((key) => `${key.AttributeName} ${key.KeyType}`).join(', ')
  if (text(present) === text(wanted)) return
  throw new ProvisionError(
    `${what} has the keys ${text(present)}, this version needs ${text(wanted)}. Its rows cannot be kept: start with --reset.`,
  )
}

async function switchTtlOn(client: DynamoDBClient, name: string, attribute: string): Promise<string[]> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }))
  const status = TimeToLiveDescription?.TimeToLiveStatus
  if (status === 'ENABLED' || status === 'ENABLING') return []
  const TimeToLiveSpecification = { Enabled: true, AttributeName: attribute }
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }))
  return []
}
