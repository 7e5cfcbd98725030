import { expect, test } from 'vitest'
import { tableInput } from '../../../local/provision/tables.ts'
import { onOneBroker } from '../../../local/provision/topics.ts'
import { type TableDefinition, tables, topics } from '../../../platform.ts'

test('a topic on one broker keeps everything but the number of copies', () => {
  const { settings, replicationFactor, ...rest } = onOneBroker(topics.images)
  expect(rest).toEqual({ name: topics.images.name, partitions: topics.images.partitions })
  expect(replicationFactor).toBe(1)
  expect(settings).toEqual({ ...topics.images.settings, 'min.insync.replicas': '1' })
})

test('a table is asked for with exactly the attributes that its keys and indexes use', () => {
  for (const definition of Object.values(tables) as TableDefinition[]) {
    const input = tableInput('table', definition)
    const schemas = [input.KeySchema, ...(input.GlobalSecondaryIndexes ?? []).map(({ KeySchema }) => KeySchema)]
    const used = new Set(schemas.flatMap((schema) => schema?.map(({ AttributeName }) => AttributeName) ?? []))
    expect(new Set(input.AttributeDefinitions?.map(({ AttributeName }) => AttributeName))).toEqual(used)
  }
})
