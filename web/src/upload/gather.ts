/** Many questions in one request, each with its own answer. */

/**
 * @param ask one request for all that were gathered; it answers each in its place, with an Error where that one failed
 * @param most so many at once, and asked without waiting for more
 * @param gatherMs milliseconds in which further ones are waited for
 */
export function gathered<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly (Answer | Error)[]>,
  { most, gatherMs }: { readonly most: number; readonly gatherMs: number },
): (question: Question) => Promise<Answer> {
  let waiting: { readonly question: Question; readonly answer: PromiseWithResolvers<Answer> }[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  async function flush() {
    clearTimeout(timer)
    timer = undefined
    const asked = waiting
    waiting = []
    try {
      const answers = await ask(asked.map(({ question }) => question))
      for (const [n, { answer }] of asked.entries()) {
        const given = answers[n]
        if (given === undefined || given instanceof Error) answer.reject(given ?? new Error('No answer to this one'))
        else answer.resolve(given)
      }
    } catch (error) {
      for (const { answer } of asked) answer.reject(error)
    }
  }

  return (question) => {
    const answer = Promise.withResolvers<Answer>()
    waiting.push({ question, answer })
    if (waiting.length >= most) void flush()
    else timer ??= setTimeout(() => void flush(), gatherMs)
    return answer.promise
  }
}
