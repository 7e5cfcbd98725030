/**
 * Uploads under way, kept in the browser's own database with their files, so that they go on after a reload or after
 * the browser was closed. Nothing stays longer than the platform remembers the upload, nor after signing out.
 */
import { createStore, del, delMany, entries, set, update } from 'idb-keyval'

export type KeptUpload = {
  /** Its Idempotency-Key, under which no repetition stores it twice. */
  readonly key: string
  /** Whose it is: somebody else who signs in here never sees it. */
  readonly owner: string
  /** The window that sends it. */
  readonly tab: string
  readonly at: number
  readonly name: string
  readonly type: string
  readonly bytes: number
  readonly lastModified: number
  readonly path?: string
  readonly sha256?: string
  /** The platform's id of an upload in parts, once it has been started. */
  readonly uploadId?: string
  /** The same of an upload in a batch. */
  readonly announcedId?: string
  /** Absent where the browser has no room for it: then the person is asked for the file again. */
  readonly file?: Blob
}

export type Kept = ReturnType<typeof createKept>

const lockOf = (tab: string) => `darkroom-tab-${tab}`
/** Of the room that the browser gives us, as much stays free. */
const share = 0.5

/** @param keepMs how long the platform remembers an upload that is not completed */
export function createKept(keepMs: number, clock: () => number = Date.now) {
  const tab = crypto.randomUUID()
  const store = createStore('darkroom', 'uploads')
  // Held for as long as this window lives, so that no other one takes its uploads over.
  void navigator.locks?.request(lockOf(tab), () => new Promise(() => {}))

  /** One after the other: what is said of an upload while its file is being copied comes after the copy. */
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(task: () => Promise<T>): Promise<T | undefined> {
    // Without a database nothing is kept, and everything is sent all the same.
    const turn = last.then(task).catch(() => undefined)
    last = turn
    return turn
  }

  async function room(): Promise<number> {
    const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {}
    return Math.max(0, quota * share - usage)
  }

  return {
    /** @returns whether its file is kept too */
    keep: (upload: Omit<KeptUpload, 'tab' | 'at' | 'file'>, file: Blob): Promise<boolean> =>
      inTurn(async () => {
        const entry = { ...upload, tab, at: clock() }
        if (file.size < (await room())) {
          const whole = await set(upload.key, { ...entry, file }, store).then(
            () => true,
            () => false,
          )
          if (whole) return true
        }
        await set(upload.key, entry, store)
        return false
      }).then((whole) => whole ?? false),

    change: (key: string, change: Partial<KeptUpload>) =>
      inTurn(() => update<KeptUpload>(key, (known) => ({ ...(known as KeptUpload), ...change }), store)),

    forget: (key: string) => inTurn(() => del(key, store)),

    /** For this window from now on: one's uploads that no living window sends. Old ones are deleted. */
    async takeOver(owner: string): Promise<KeptUpload[]> {
      const take = async () => {
        const { held = [] } = (await navigator.locks?.query()) ?? {}
        const living = new Set(held.map(({ name }) => name))
        const all = (await entries<string, KeptUpload>(store)).map(([, upload]) => upload)
        const old = all.filter(({ at, key }) => !key || clock() - at > keepMs)
        await delMany(
          old.map(({ key }) => key),
          store,
        )
        const left = all.filter(
          (upload) => !old.includes(upload) && upload.owner === owner && !living.has(lockOf(upload.tab)),
        )
        for (const { key } of left) await update<KeptUpload>(key, (known) => ({ ...(known as KeptUpload), tab }), store)
        return left
      }
      const taken = await inTurn(async () =>
        navigator.locks ? await navigator.locks.request('darkroom-take-over', take) : await take(),
      )
      return taken ?? []
    },

    /** Signing out leaves nothing behind. */
    forgetAll: (owner: string) =>
      inTurn(async () => {
        const all = await entries<string, KeptUpload>(store)
        await delMany(
          all.filter(([, upload]) => upload.owner === owner).map(([key]) => key),
          store,
        )
      }),
  }
}
