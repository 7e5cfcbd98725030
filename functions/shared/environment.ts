/** Reads a function's declared variables once, and fails with the name of the one that is missing. */

export type Environment<Names extends readonly string[]> = Readonly<Record<Names[number], string>>

export class MissingVariableError extends Error {
  override readonly name = 'MissingVariableError'
  readonly retriable = false
}

/**
 * @param names the variables that a function declares in its `env.ts`
 * @throws MissingVariableError naming all that are absent or empty
 */
export function readEnvironment<const Names extends readonly string[]>(
  names: Names,
  source: Record<string, string | undefined>,
): Environment<Names> {
  const missing = names.filter((name) => !source[name])
  if (missing.length > 0) throw new MissingVariableError(`Missing environment variable: ${missing.join(', ')}`)
  return Object.fromEntries(names.map((name) => [name, source[name]])) as Environment<Names>
}
