/**
 * Sessions, grants and refresh tokens in SQLite, so that whoever is signed in stays so when the platform restarts.
 * The interface is oidc-provider's adapter; one instance serves one of its models.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Adapter, AdapterPayload } from 'oidc-provider'

export type SessionStore = {
  /** For oidc-provider's configuration. */
  readonly adapter: (model: string) => Adapter
  /** A secret that is made once and kept, such as the one that signs cookies. */
  secret(name: string, make: () => string): string
  close(): void
}

const schema = `
  CREATE TABLE IF NOT EXISTS entities (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, expiresAt INTEGER,
    grantId TEXT, uid TEXT, userCode TEXT, PRIMARY KEY (model, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS byGrant ON entities (grantId);
  CREATE INDEX IF NOT EXISTS byUid ON entities (model, uid);
  CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`

/** @param home the platform's state folder */
export function openSessions(home: string, clock: () => number = Date.now): SessionStore {
  const folder = join(home, 'identity')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'sessions.sqlite')
  const database = new DatabaseSync(file)
  chmodSync(file, 0o600)
  database.exec(schema)
  const epochSeconds = () => Math.floor(clock() / 1000)
  const expired = database.prepare('DELETE FROM entities WHERE expiresAt <= ?')

  function find(where: string, ...values: SQLInputValue[]): AdapterPayload | undefined {
    const row = database
      .prepare(`SELECT payload FROM entities WHERE (expiresAt IS NULL OR expiresAt > ?) AND ${where}`)
      .get(epochSeconds(), ...values)
    return row ? (JSON.parse(String(row.payload)) as AdapterPayload) : undefined
  }

  const adapter = (model: string): Adapter => ({
    async upsert(id, payload, expiresIn) {
      expired.run(epochSeconds())
      database
        .prepare('INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(
          model,
          id,
          JSON.stringify(payload),
          expiresIn ? epochSeconds() + expiresIn : null,
          payload.grantId ?? null,
          payload.uid ?? null,
          payload.userCode ?? null,
        )
    },
    find: async (id) => find('model = ? AND id = ?', model, id),
    findByUid: async (uid) => find('model = ? AND uid = ?', model, uid),
    findByUserCode: async (userCode) => find('model = ? AND userCode = ?', model, userCode),
    async consume(id) {
      database
        .prepare("UPDATE entities SET payload = json_set(payload, '$.consumed', ?) WHERE model = ? AND id = ?")
        .run(epochSeconds(), model, id)
    },
    async destroy(id) {
      database.prepare('DELETE FROM entities WHERE model = ? AND id = ?').run(model, id)
    },
    async revokeByGrantId(grantId) {
      database.prepare('DELETE FROM entities WHERE grantId = ?').run(grantId)
    },
  })

  return {
    adapter,
    secret(name, make) {
      database.prepare('INSERT OR IGNORE INTO secrets VALUES (?, ?)').run(name, make())
      return String(database.prepare('SELECT value FROM secrets WHERE name = ?').get(name)?.value)
    },
    close: () => database.close(),
  }
}
