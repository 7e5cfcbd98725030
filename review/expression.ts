/**
 * The part of Terraform's expressions in which people write documents: `jsonencode({ … })` and heredocs. Whatever else an
 * expression may be, a reference or a call, stays as it is, in `${…}`.
 */

type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }

/** The text has no end where one is needed, or a document that is more than a literal. */
class NoLiteralError extends Error {
  override readonly name = 'NoLiteralError'
  readonly retriable = false
}

/**
 * @param text a string of a `cdk.tf.json`
 * @returns the document where the string is nothing but one, written by `jsonencode` or as a heredoc; otherwise the string
 */
export function literalOf(text: string): string {
  const expression = /^\s*\$\{\s*(jsonencode\(.*\)|<<.*)\s*\}\s*$/s.exec(text)?.[1]
  if (!expression) return text
  try {
    const reader = new Reader(expression)
    const value = reader.value()
    return reader.atEnd() && typeof value === 'string' ? value : text
  } catch (error) {
    if (error instanceof NoLiteralError) return text
    throw error
  }
}

/** Position of the bracket that closes the one at `open`, past strings and what they hold. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    const character = text[at] as string
    if (character === '"') at = endOfString(text, at)
    else if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character) && --depth === 0) return at
  }
  throw new NoLiteralError(`A bracket is not closed: ${text.slice(open, open + 40)}`)
}

/** Position of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
    else if (text.startsWith('${', at) && text[at - 1] !== '$') at = closing(text, at + 1)
  }
  throw new NoLiteralError(`A string is not closed: ${text.slice(start, start + 40)}`)
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    this.#skip()
    return this.#at === this.#text.length
  }

  value(): Value {
    this.#skip()
    if (this.#taken('jsonencode(')) {
      const encoded = JSON.stringify(this.value())
      this.#take(')')
      return encoded
    }
    if (this.#taken('{')) return this.#object()
    if (this.#taken('[')) return this.#list()
    if (this.#rest().startsWith('"')) return this.#string()
    if (this.#rest().startsWith('<<')) return this.#heredoc()
    return this.#other()
  }

  #object(): Value {
    const entries: [string, Value][] = []
    while (!this.#taken('}')) {
      this.#skip()
      const name = this.#rest().startsWith('"') ? this.#string() : this.#matched(/^[\w-]+/)
      if (!this.#taken('=')) this.#take(':')
      entries.push([name, this.value()])
      this.#taken(',')
    }
    return Object.fromEntries(entries)
  }

  #list(): Value {
    const values: Value[] = []
    while (!this.#taken(']')) {
      values.push(this.value())
      this.#taken(',')
    }
    return values
  }

  /** What stands in `${…}` stays, so that references can be followed. */
  #string(): string {
    const end = endOfString(this.#text, this.#at)
    const inside = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    const parts = inside.split(/(\$\{[^}]*\})/)
    return parts.map((part, index) => (index % 2 === 1 ? part : unescaped(part))).join('')
  }

  #heredoc(): string {
    const [whole, dash, mark] = /^<<(-?)(\w+)\n/.exec(this.#rest()) ?? []
    if (!whole || !mark) throw new NoLiteralError('A heredoc has no mark')
    const body = new RegExp(`^(.*?)^[ \\t]*${mark}[ \\t]*$`, 'ms').exec(this.#rest().slice(whole.length))
    if (!body) throw new NoLiteralError(`The heredoc ${mark} has no end`)
    this.#at += whole.length + body[0].length
    const text = body[1] as string
    if (!dash) return text
    const indent = Math.min(
      ...text.split('\n').map((line) => (line.trim() ? line.search(/\S/) : Number.POSITIVE_INFINITY)),
    )
    return text.replaceAll(new RegExp(`^ {0,${Number.isFinite(indent) ? indent : 0}}`, 'gm'), '')
  }

  /** A literal of another kind; or a reference, a call, a sum of both, up to where the next value begins. */
  #other(): Value {
    const start = this.#at
    while (this.#at < this.#text.length && !/[,)\]}\n]/.test(this.#text[this.#at] as string)) {
      const character = this.#text[this.#at] as string
      if ('([{'.includes(character)) this.#at = closing(this.#text, this.#at)
      else if (character === '"') this.#at = endOfString(this.#text, this.#at)
      this.#at++
    }
    const text = this.#text.slice(start, this.#at).trim()
    if (!text) throw new NoLiteralError('A value is missing')
    if (/^(true|false|null|-?\d+(\.\d+)?)$/.test(text)) return JSON.parse(text)
    return `\${${text}}`
  }

  #rest(): string {
    return this.#text.slice(this.#at)
  }
  #skip(): void {
    this.#at += /^(\s|#[^\n]*|\/\/[^\n]*)*/.exec(this.#rest())?.[0].length ?? 0
  }
  #matched(pattern: RegExp): string {
    const [found] = pattern.exec(this.#rest()) ?? []
    if (!found) throw new NoLiteralError(`Something else is expected at ${this.#rest().slice(0, 40)}`)
    this.#at += found.length
    return found
  }
  #taken(token: string): boolean {
    this.#skip()
    if (!this.#rest().startsWith(token)) return false
    this.#at += token.length
    return true
  }
  #take(token: string): void {
    if (!this.#taken(token)) throw new NoLiteralError(`${token} is missing`)
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }
const unescaped = (text: string) => text.replaceAll(/\\(.)/g, (whole, character) => escapes[character] ?? whole)
