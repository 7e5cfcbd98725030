/** Conditions of deletions in DynamoDB, wherever they are made: in a request of their own or in a transaction. Pure. */

/** @param text names attributes as `#name`, and values as `:value` */
export const condition = (text: string, values: Readonly<Record<string, unknown>>) => ({
  ConditionExpression: text,
  ExpressionAttributeNames: Object.fromEntries(text.matchAll(/#(\w+)/g)),
  ExpressionAttributeValues: { ...values },
})

export type Condition = ReturnType<typeof condition>

/** An idempotency row stands for this image: its key has not been used again for another one. */
export const standsFor = (imageId: string): Condition =>
  condition('#kind = :kind AND #imageId = :imageId', { ':kind': 'idempotency', ':imageId': imageId })
