// What a person set for this data folder (rules, watched folders, nodes), as named JSON documents in an encrypted database
// of its own: an index that is thrown away and rebuilt takes none of it along.
import type { z } from 'zod';
import type { Database } from '#backend/base/database.ts';
import { openOrRenew, type OnRenewed } from '#backend/base/open-or-renew.ts';

const SETTINGS = {
  schema: 'CREATE TABLE IF NOT EXISTS document (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
  salvaged: [{ into: 'document', select: 'SELECT * FROM document', by: 'name' }],
};

export class SettingsStore {
  readonly #db: Database;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #listenersToAll = new Set<() => void>();

  constructor(file: string, key: Uint8Array, onRenewed?: OnRenewed) {
    this.#db = openOrRenew(file, key, SETTINGS, onRenewed);
  }

  /** The document as its schema reads it; `otherwise` where there is none, or where an older program wrote another shape. */
  read<T>(name: string, shape: z.ZodType<T>, otherwise: T): T {
    const found = this.#db.prepare<{ body: string }>('SELECT body FROM document WHERE name = ?').get(name);
    if (!found) return otherwise;
    const parsed = shape.safeParse(JSON.parse(found.body));
    return parsed.success ? parsed.data : otherwise;
  }

  /** Durable when it returns. */
  write(name: string, value: unknown): void {
    this.keep(name, value);
    this.#tell(name);
  }

  /** The same for what the program notes for itself: nobody is told. */
  keep(name: string, value: unknown): void {
    this.#db.prepare('INSERT OR REPLACE INTO document (name, body) VALUES (?, ?)').run(name, JSON.stringify(value));
  }

  remove(name: string): void {
    this.#db.prepare('DELETE FROM document WHERE name = ?').run(name);
    this.#tell(name);
  }

  #tell(name: string): void {
    for (const listener of [...(this.#listeners.get(name) ?? []), ...this.#listenersToAll]) listener();
  }

  /** Names that begin with `prefix`, in order. */
  names(prefix: string): string[] {
    return this.#db
      .prepare<{ name: string }>('SELECT name FROM document WHERE substr(name, 1, ?) = ? ORDER BY name')
      .all(prefix.length, prefix)
      .map((row) => row.name);
  }

  /** Calls back after each change of the document; returns the function that unregisters. */
  onChange(name: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** The same for all documents. */
  onAnyChange(listener: () => void): () => void {
    this.#listenersToAll.add(listener);
    return () => this.#listenersToAll.delete(listener);
  }

  close(): void {
    this.#db.close();
  }
}
