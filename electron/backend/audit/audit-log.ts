// Keeps audit records in the terms of PS3.15 A.5, each chained to the one before by a keyed digest, so that a changed or
// removed record shows; an older copy of the whole shows by its end (log-end.ts). An encrypted database of its own: an index rebuild leaves it alone.
// On a disk that takes nothing reading goes on, since a doctor needs the images: records wait in memory, in order, and are written as
// soon as there is space, when the log is read, or when the program ends. Only where it ends on a full disk are they lost, which is said.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { DatabaseDamage, type Database } from '#backend/base/database.ts';
import { openOrRenew, type OnRenewed } from '#backend/base/open-or-renew.ts';
import type { Person } from '#backend/people/people.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { LogEnd, LogEndMark } from './log-end.ts';

/** Event identifiers (PS3.16 CID 400) and types (CID 401, 403) that this program uses. */
export const AUDIT_EVENTS = {
  'application-start': { code: '110100', type: '110120', action: 'E' },
  'application-stop': { code: '110100', type: '110121', action: 'E' },
  'begin-transferring': { code: '110102', type: undefined, action: 'E' },
  'instances-transferred': { code: '110104', type: undefined, action: 'C' },
  'network-entry': { code: '110108', type: undefined, action: 'E' },
  'node-refused': { code: '110113', type: '110126', action: 'E' },
  'instances-accessed': { code: '110103', type: undefined, action: 'R' },
  'study-deleted': { code: '110105', type: undefined, action: 'D' },
  export: { code: '110106', type: undefined, action: 'R' },
  import: { code: '110107', type: undefined, action: 'C' },
  'patient-record': { code: '110110', type: undefined, action: 'U' },
  'audit-log-used': { code: '110101', type: undefined, action: 'R' },
  query: { code: '110112', type: undefined, action: 'E' },
  'security-alert': { code: '110113', type: undefined, action: 'E' },
  'network-configuration': { code: '110113', type: '110128', action: 'U' },
  'security-configuration': { code: '110113', type: '110129', action: 'U' },
  'software-configuration': { code: '110113', type: '110131', action: 'U' },
  'login-failed': { code: '110114', type: '110122', action: 'E' },
} as const;
export type AuditEvent = keyof typeof AUDIT_EVENTS;

export interface AuditEntry {
  event: AuditEvent;
  person: Person;
  /** PS3.15 A.5.2: 0 success, 4 minor, 8 serious, 12 major failure. */
  outcome: 0 | 4 | 8 | 12;
  studyUids?: readonly string[];
  patientIds?: readonly string[];
  instanceCount?: number;
  /** Media, folder or peer; one sentence for a person. */
  detail?: string;
}

export interface Audit {
  record(entry: AuditEntry): void;
}

const RECORDS = {
  schema:
    'CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, digest TEXT NOT NULL)',
  salvaged: [{ into: 'record', select: 'SELECT * FROM record', by: 'id' }],
};

/** Records that may wait for space; those beyond are counted, and their number is a record. */
const MOST_WAITING = 10_000;
const RETRY_MS = 2000;
const MARK_MS = 1000;
const LECTERN: Person = { id: 'lectern', name: 'Lectern' };

interface StoredRecord {
  id: number;
  body: string;
  digest: string;
}

export class AuditLog implements Audit {
  readonly #db: Database;
  readonly #key: KeyObject;
  readonly #mark: LogEndMark | undefined;
  #marking: NodeJS.Timeout | undefined;
  /** Written, and not marked yet. */
  #end: LogEnd | undefined;
  #last: string;
  /** Number of the first record that the log had once and was opened without: an older copy was put back, or its end was lost. */
  readonly lacksFrom: number | undefined;
  #waiting: string[] = [];
  /** Beyond what may wait. */
  #surplus = 0;
  #retry: NodeJS.Timeout | undefined;

  /** A damaged log is set aside whole, and what can be read of it begins the new one, whose chain is broken where records are missing:
   * `onRenewed` should let that be its next record. So is the chain of a log that ends before its `mark` says.
   * Throws LecternError 'not-written' where it is read-only. */
  constructor(file: string, key: Uint8Array, onRenewed?: OnRenewed, mark?: LogEndMark) {
    this.#key = createSecretKey(key);
    this.#db = openOrRenew(file, key, RECORDS, onRenewed);
    // A disk may become full; a log that may not be written from the beginning is no disk's fault, and nothing goes by unseen.
    this.#db.transact(() => undefined);
    this.#mark = mark;
    const last = this.#db.prepare<StoredRecord>('SELECT * FROM record ORDER BY id DESC LIMIT 1').get();
    this.#last = last?.digest ?? '';
    const marked = mark?.read();
    if (!marked || this.#digestAt(marked.id) === marked.digest) return;
    this.lacksFrom = Math.min(marked.id, (last?.id ?? 0) + 1);
    // The next record follows from the one that is missing, by its number too: so the gap is there to stay.
    this.#last = marked.digest;
    this.#skipTo(marked.id);
  }

  #digestAt(id: number): string | undefined {
    return this.#db.prepare<StoredRecord>('SELECT * FROM record WHERE id = ?').get(id)?.digest;
  }

  #skipTo(id: number): void {
    this.#db.transact(() => {
      const used = this.#db
        .prepare<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'record'")
        .get()?.seq;
      if (used !== undefined && used >= id) return;
      this.#db.prepare("DELETE FROM sqlite_sequence WHERE name = 'record'").run();
      this.#db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('record', ?)").run(id);
    });
  }

  /** Throws DatabaseDamage; on a full or failing disk the record waits. */
  record(entry: AuditEntry): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(bodyOf(entry));
    else this.#surplus++;
    // Known to be full: it is tried again in a moment.
    if (!this.#retry) this.#write();
  }

  #write(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const bodies = [...this.#waiting];
    if (this.#surplus > 0) {
      const detail = `${this.#surplus} records more could not be kept while the disk was full`;
      bodies.push(bodyOf({ event: 'security-alert', person: LECTERN, outcome: 8, detail }));
    }
    if (bodies.length === 0) return;
    try {
      this.#end = this.#db.transact(() =>
        bodies.reduce<LogEnd>((before, body) => this.#insert(before, body), { id: 0, digest: this.#last }),
      );
      this.#last = this.#end.digest;
      // Else the gap would be taken for a second one where the program is cut off before that.
      if (this.lacksFrom !== undefined) this.#markEnd();
      else this.#marking ??= setTimeout(() => this.#markEnd(), MARK_MS).unref();
      this.#waiting = [];
      this.#surplus = 0;
    } catch (error) {
      if (!(error instanceof LecternError) || error instanceof DatabaseDamage) throw error;
      this.#retry = setTimeout(() => this.#writeAgain(), RETRY_MS).unref();
    }
  }

  #writeAgain(): void {
    try {
      this.#write();
    } catch {
      // Whoever records next meets the same, and is told.
    }
  }

  #insert(before: LogEnd, body: string): LogEnd {
    const digest = this.#digestOf(before.digest, body);
    const { lastInsertRowid } = this.#db.prepare('INSERT INTO record (body, digest) VALUES (?, ?)').run(body, digest);
    return { id: lastInsertRowid, digest };
  }

  #markEnd(): void {
    clearTimeout(this.#marking);
    this.#marking = undefined;
    try {
      if (this.#end) this.#mark?.write(this.#end);
      this.#end = undefined;
    } catch {
      // On a full disk it stays behind, which says nothing wrong.
    }
  }

  /** Number of the first record that does not follow from the one before it; undefined when the chain is whole. */
  firstBroken(): number | undefined {
    this.#writeAgain();
    let last = '';
    let expected = 1;
    for (const { id, body, digest } of this.#db.prepare<StoredRecord>('SELECT * FROM record ORDER BY id').iterate()) {
      if (id !== expected || digest !== this.#digestOf(last, body)) return expected;
      last = digest;
      expected = id + 1;
    }
    return last === this.#last ? undefined : expected;
  }

  /** The newest records (before record `before`, if given), newest first, each with its number. */
  latest(limit: number, before = Number.MAX_SAFE_INTEGER): unknown[] {
    this.#writeAgain();
    return this.#db
      .prepare<StoredRecord>('SELECT * FROM record WHERE id < ? ORDER BY id DESC LIMIT ?')
      .all(before, limit)
      .map(({ id, body }) => ({ id, ...(JSON.parse(body) as object) }));
  }

  /** All records, oldest first. */
  records(): unknown[] {
    this.#writeAgain();
    return this.#db
      .prepare<StoredRecord>('SELECT * FROM record ORDER BY id')
      .all()
      .map((row) => JSON.parse(row.body) as unknown);
  }

  /** Gives how many records are lost, since the disk took none of them to the end. */
  close(): number {
    this.#writeAgain();
    this.#markEnd();
    clearTimeout(this.#retry);
    this.#db.close();
    return this.#waiting.length + this.#surplus;
  }

  #digestOf(before: string, body: string): string {
    return createHmac('sha256', this.#key).update(before).update('\n').update(body).digest('hex');
  }
}

function bodyOf(entry: AuditEntry): string {
  const { code, type, action } = AUDIT_EVENTS[entry.event];
  return JSON.stringify({
    eventId: code,
    eventType: type,
    action,
    dateTime: new Date().toISOString(),
    outcome: entry.outcome,
    activeParticipant: { userId: entry.person.id, userName: entry.person.name, isRequestor: true },
    source: 'Lectern',
    studyUids: entry.studyUids,
    patientIds: entry.patientIds,
    instanceCount: entry.instanceCount,
    detail: entry.detail,
  });
}
