/**
 * Writes to many rows at once. A transaction of DynamoDB costs a fraction of single requests on the way there, and each
 * row keeps its own condition: rows whose condition does not hold are left out, and the others written all the same.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { ledgerUnavailable } from './ledger-queries.ts'

export type Action = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

/** DynamoDB's limit on the actions of one transaction. */
export const mostActions = 100

/** Rounds in which rows may be in others' hands before that counts as no answer. */
const rounds = 8
const firstPauseMs = 10

/**
 * @param actions by a name of the caller's, `mostActions` at most in all; those under one name happen all or not at all
 * @param beside what is written in the same transaction, once the names are known that are in it; without conditions
 * @param needs names that are only written together with another one, by that other one's name
 * @returns the names under which everything was written
 * @throws UnavailableError when DynamoDB does not answer, or others keep holding some of the rows
 */
export async function writeAll(
  client: DynamoDBDocumentClient,
  actions: ReadonlyMap<string, readonly Action[]>,
  beside: (names: readonly string[]) => readonly Action[] = () => [],
  needs: ReadonlyMap<string, string> = new Map(),
): Promise<Set<string>> {
  const left = new Map(actions)
  for (let round = 0; left.size > 0; round += 1) {
    if (round > 0) await pause(firstPauseMs * 2 ** round)
    try {
      await client.send(
        new TransactWriteCommand({ TransactItems: [...[...left.values()].flat(), ...beside([...left.keys()])] }),
      )
      return new Set(left.keys())
    } catch (error) {
      if (!(error instanceof TransactionCanceledException) || round === rounds) throw ledgerUnavailable(error)
      for (const name of refused(left, error)) left.delete(name)
      for (const [name, other] of needs) if (!left.has(other)) left.delete(name)
    }
  }
  return new Set()
}

/** The reasons come in the order of the actions; other ones than this pass (a conflict, throttling). */
function refused(
  actions: ReadonlyMap<string, readonly Action[]>,
  { CancellationReasons }: TransactionCanceledException,
): string[] {
  const names = [...actions].flatMap(([name, some]) => some.map(() => name))
  return names.filter((_, n) => CancellationReasons?.[n]?.Code === 'ConditionalCheckFailed')
}
