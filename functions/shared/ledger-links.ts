/**
 * Links by which others see a rendition. They are attributes of the image's row and nowhere else, so that whatever
 * closes or deletes the row ends them with it.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { sharing } from '../../platform.ts'
import type { SharedLink } from './image.ts'
import { ledgerUnavailable } from './ledger-queries.ts'

type Values = Record<string, unknown>

export function createLedgerLinks(client: DynamoDBDocumentClient, table: string) {
  /** @returns whether the condition held */
  async function update(id: string, expression: string, condition: string, names: Values, values: Values) {
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: expression,
          ConditionExpression: `#status = :processed AND ownerId = :owner AND ${condition}`,
          ExpressionAttributeNames: { '#status': 'status', ...names } as Record<string, string>,
          ExpressionAttributeValues: { ':processed': 'processed', ...values },
        }),
      )
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw ledgerUnavailable(error)
    }
  }

  /**
   * Adds a link to an image that is ready and its owner's.
   * @returns false where it is not, any more, or has as many links as it may
   */
  async function addLink(imageId: string, ownerId: string, linkId: string, link: SharedLink): Promise<boolean> {
    const owner = { ':owner': ownerId }
    // A map's member can only be set where there is a map.
    const ready = await update(
      imageId,
      'SET links = if_not_exists(links, :none)',
      'attribute_exists(id)',
      {},
      {
        ...owner,
        ':none': {},
      },
    )
    if (!ready) return false
    const condition = 'size(links) < :most AND attribute_not_exists(links.#link)'
    const values = { ...owner, ':link': link, ':most': sharing.perImage }
    return update(imageId, 'SET links.#link = :link', condition, { '#link': linkId }, values)
  }

  /** @returns whether there was such a link of this person's image */
  const removeLink = (imageId: string, ownerId: string, linkId: string): Promise<boolean> =>
    update(imageId, 'REMOVE links.#link', 'attribute_exists(links.#link)', { '#link': linkId }, { ':owner': ownerId })

  return { addLink, removeLink }
}
