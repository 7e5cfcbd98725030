/** Letting images come of age, as seven days would, and giving them their time back. Past the platform, in the ledger. */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { poll } from '../../local/supervisor/poll.ts'
import type { Observer } from '../observe.ts'
import { note, type Upload } from './history.ts'

type Ledger = Pick<Observer, 'documents' | 'ledgerTable'>

/** Makes an image due now: the purge of this very hour must take it. */
export async function age(ledger: Ledger, upload: Upload): Promise<void> {
  // Before it is asked for: an update that was not answered may have been carried out.
  upload.aged = true
  note(upload, 'its time is brought forward')
  try {
    await poll(() => moveExpiry(ledger, upload, Date.now() - 1_000), { limitMs: 60_000, everyMs: 500 })
  } catch (error) {
    // Whether it is due is not known: it may be there, and it may be gone.
    upload.aged = false
    if (upload.erased === 'no') upload.erased = 'asked'
    note(upload, `its time could not be brought forward (${(error as Error).message})`)
  }
}

/**
 * Makes an image live longer after all, as a person who extends its time does: no purge may take it.
 * @param until epoch milliseconds
 * @throws where its row is not there any more
 */
export async function giveTimeBack(ledger: Ledger, upload: Upload, until: number): Promise<void> {
  await moveExpiry(ledger, upload, until)
  upload.aged = false
  note(upload, 'its time is given back')
}

function moveExpiry({ documents, ledgerTable }: Ledger, { acknowledged }: Upload, at: number): Promise<unknown> {
  const [id] = acknowledged
  return documents.send(
    new UpdateCommand({
      TableName: ledgerTable,
      Key: { id },
      UpdateExpression: 'SET expiresAt = :at',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: { ':at': at },
    }),
  )
}
