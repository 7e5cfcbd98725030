/** Whether an upload would succeed now: each part that it needs is asked, all at once. */
export type PartHealth = { readonly ok: boolean; readonly ms: number; readonly error?: string }
export type Health = { readonly ok: boolean; readonly parts: Readonly<Record<string, PartHealth>> }
export type Checks = Readonly<Record<string, () => Promise<unknown> | unknown>>

/** Below the supervisor's own limit for a probe. */
const limitMs = 3_000
/** Whoever polls faster gets the same answer again. */
const cacheMs = 1_000

/**
 * @param checks reject (or throw) with the reason where a part does not answer
 * @returns a function that asks them, at most once a second
 */
export function createHealth(checks: Checks, clock: () => number = Date.now): () => Promise<Health> {
  let asked: { at: number; answer: Promise<Health> } | undefined
  return () => {
    if (!asked || clock() - asked.at >= cacheMs) asked = { at: clock(), answer: ask(checks) }
    return asked.answer
  }
}

async function ask(checks: Checks): Promise<Health> {
  const parts = Object.fromEntries(
    await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await askOne(check)] as const)),
  )
  return { ok: Object.values(parts).every(({ ok }) => ok), parts }
}

async function askOne(check: () => Promise<unknown> | unknown): Promise<PartHealth> {
  const start = performance.now()
  const ms = () => Math.round(performance.now() - start)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${limitMs} ms`)), limitMs)
  try {
    await Promise.race([(async () => check())(), late.promise])
    return { ok: true, ms: ms() }
  } catch (error) {
    return { ok: false, ms: ms(), error: error instanceof Error ? error.message || error.name : String(error) }
  } finally {
    clearTimeout(timer)
  }
}
