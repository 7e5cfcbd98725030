/** Policies that Terraform puts together from `aws_iam_policy_document`, as the JSON that comes out. */
import { type Arguments, blocks } from './infrastructure.ts'

const exactly = /^\$\{\s*data\.aws_iam_policy_document\.([\w-]+)\.(?:minified_)?json\s*\}$/

/**
 * @param data the stack's `data`
 * @returns the document that the text refers to, and the text itself where it refers to none
 */
export function documentOf(text: string, data: Arguments | undefined, depth = 0): string {
  const name = exactly.exec(text)?.[1]
  const source = name && data?.aws_iam_policy_document?.[name]
  if (!source || depth > 9) return text
  const others = [...blocks(source.source_policy_documents), ...blocks(source.override_policy_documents)]
    .map(String)
    .map((other) => documentOf(other, data, depth + 1))
  // A document that cannot be read makes the whole one unreadable, and that is a finding.
  const unread = others.find((other) => !other.trimStart().startsWith('{'))
  if (unread !== undefined) return unread
  return JSON.stringify({
    Version: source.version ?? '2012-10-17',
    Statement: [
      ...others.flatMap((other) => blocks(JSON.parse(other).Statement)),
      ...blocks(source.statement).map(statementOf),
    ],
  })
}

function statementOf(statement: Arguments): object {
  return {
    ...(statement.sid && { Sid: statement.sid }),
    Effect: statement.effect ?? 'Allow',
    ...named('Action', statement.actions),
    ...named('NotAction', statement.not_actions),
    ...named('Resource', statement.resources),
    ...named('NotResource', statement.not_resources),
    ...principals('Principal', statement.principals),
    ...principals('NotPrincipal', statement.not_principals),
    ...conditions(blocks(statement.condition)),
  }
}

const named = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value })

const principals = (name: string, value: unknown) => {
  const entries = blocks(value).map(({ type, identifiers }) => [type, identifiers])
  if (entries.length === 0) return {}
  return { [name]: entries.some(([type]) => type === '*') ? '*' : Object.fromEntries(entries) }
}

function conditions(found: readonly Arguments[]): object {
  if (found.length === 0) return {}
  const operators = Map.groupBy(found, ({ test }) => String(test))
  return {
    Condition: Object.fromEntries(
      [...operators].map(([test, same]) => [
        test,
        Object.fromEntries(same.map(({ variable, values }) => [variable, values])),
      ]),
    ),
  }
}
