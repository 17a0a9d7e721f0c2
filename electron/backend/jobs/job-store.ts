// Keeps jobs and the fate of each of their items, so that both survive a restart.
import type { Database } from '#backend/base/database.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { Urgency } from '#shared/contract/network.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';

export interface StoredJob {
  job: Job;
  /** What the job's runner needs to start again; no secrets. */
  input: unknown;
  /** By what its runner understands what another system says of it after its end; plain data. */
  later?: unknown;
  /** Absent in jobs of older programs. */
  urgency?: Urgency;
  /** The place that it was at when the program was last cut off while it ran: how many items it had dealt with. */
  cutAt?: number;
}

/** As `needsLook` has it. */
const NEEDS_LOOK = `state = 'failed' OR body ->> '$.job.message' IS NOT NULL OR body ->> '$.job.counts.refused' > 0
  OR body ->> '$.job.counts.conflict' > 0 OR body ->> '$.job.counts.repaired' > 0`;
const FINISHED_AT = `body ->> '$.job.finishedAt'`;
const DONE_BY_INSTANCE = `sop_uid = path AND outcome IN ('stored', 'repaired')`;
export const HAS_DONE = `SELECT 1 FROM job_item i JOIN job j ON j.id = i.job
  WHERE path = ? AND ${DONE_BY_INSTANCE} AND j.body ->> '$.job.kind' = ?`;
const UNDONE = `state NOT IN ('done', 'cancelled')`;
export const UNDONE_OF_KIND = `SELECT body FROM job WHERE ${UNDONE} AND body ->> '$.job.kind' = ?`;
const TRANSACTION = `body ->> '$.later.transactionUid'`;
export const OF_TRANSACTION = `SELECT body FROM job WHERE ${TRANSACTION} = ? ORDER BY created_at LIMIT 1`;
/** Years of jobs, and an item for each file that was ever imported, are not to be looked through. */
const INDEXES = `
CREATE INDEX IF NOT EXISTS job_by_time ON job (created_at);
DROP INDEX IF EXISTS job_to_look_at;
CREATE INDEX IF NOT EXISTS job_to_look_at_by_end ON job (${FINISHED_AT}) WHERE ${NEEDS_LOOK};
CREATE INDEX IF NOT EXISTS job_undone_by_kind ON job (body ->> '$.job.kind') WHERE ${UNDONE};
CREATE INDEX IF NOT EXISTS job_by_transaction ON job (${TRANSACTION}) WHERE ${TRANSACTION} IS NOT NULL;
CREATE INDEX IF NOT EXISTS job_item_by_instance ON job_item (path) WHERE ${DONE_BY_INSTANCE};`;

export class JobStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
    try {
      db.execute(INDEXES);
    } catch (error) {
      // A disk that takes nothing: made by a later start.
      if (!(error instanceof LecternError)) throw error;
    }
  }

  /** `isFlushedLater`: outlives an end of the program at once, and a power cut only after the next save. */
  save(stored: StoredJob, options = { isFlushedLater: false }): void {
    const { job } = stored;
    const insert = this.#db.prepare('INSERT OR REPLACE INTO job (id, created_at, state, body) VALUES (?, ?, ?, ?)');
    this.#db.transact(() => insert.run(job.id, job.createdAt, job.state, JSON.stringify(stored)), options);
  }

  /** Jobs, newest first: those that are not over, the newest `limit`, and of those that want a look the `limit` that ended last. */
  list(limit: number): StoredJob[] {
    return this.#db
      .prepare<{ body: string }>(
        `SELECT body FROM job WHERE state IN ('queued', 'running', 'paused')
         OR id IN (SELECT id FROM job ORDER BY created_at DESC LIMIT ?)
         OR id IN (SELECT id FROM job WHERE ${NEEDS_LOOK} ORDER BY ${FINISHED_AT} DESC LIMIT ?) ORDER BY created_at DESC`,
      )
      .all(limit, limit)
      .map((row) => JSON.parse(row.body) as StoredJob);
  }

  /** Jobs of a kind that are neither done nor cancelled, of any age. */
  undone(kind: Job['kind']): StoredJob[] {
    return this.#db
      .prepare<{ body: string }>(UNDONE_OF_KIND)
      .all(kind)
      .map((row) => JSON.parse(row.body) as StoredJob);
  }

  /** The job that keeps this Transaction UID for later reports (PS3.4 J.3.3), of any age. */
  ofTransaction(transactionUid: string): StoredJob | undefined {
    const row = this.#db.prepare<{ body: string }>(OF_TRANSACTION).get(transactionUid);
    return row && (JSON.parse(row.body) as StoredJob);
  }

  addItems(jobId: string, items: readonly FileReport[]): void {
    this.#db.transact(() => {
      const insert = this.#db.prepare(
        'INSERT OR REPLACE INTO job_item (job, path, outcome, sop_uid, code, reason) VALUES (?,?,?,?,?,?)',
      );
      for (const item of items)
        insert.run(jobId, item.path, item.outcome, item.sopInstanceUid ?? null, item.code ?? null, item.reason ?? null);
    });
  }

  /** How many of its items came to each outcome. */
  countsOf(jobId: string): Job['counts'] {
    const rows = this.#db
      .prepare<{ outcome: string; count: number }>(
        'SELECT outcome, count(*) AS count FROM job_item WHERE job = ? GROUP BY outcome',
      )
      .all(jobId);
    return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
  }

  hasItem(jobId: string, path: string): boolean {
    return this.#db.prepare('SELECT 1 FROM job_item WHERE job = ? AND path = ?').get(jobId, path) !== undefined;
  }

  outcomeOf(jobId: string, path: string): FileReport['outcome'] | undefined {
    return this.#db
      .prepare<{ outcome: FileReport['outcome'] }>('SELECT outcome FROM job_item WHERE job = ? AND path = ?')
      .get(jobId, path)?.outcome;
  }

  codeOf(jobId: string, path: string): string | undefined {
    const row = this.#db
      .prepare<{ code: string | null }>('SELECT code FROM job_item WHERE job = ? AND path = ?')
      .get(jobId, path);
    return row?.code ?? undefined;
  }

  /** True when a job of this kind names its items by their instances, and did this one. */
  hasDone(kind: Job['kind'], sopInstanceUid: string): boolean {
    return this.#db.prepare(HAS_DONE).get(sopInstanceUid, kind) !== undefined;
  }

  *items(jobId: string): Iterable<FileReport> {
    const rows = this.#db
      .prepare<{ path: string; outcome: string; sop_uid: string | null; code: string | null; reason: string | null }>(
        'SELECT path, outcome, sop_uid, code, reason FROM job_item WHERE job = ? ORDER BY path',
      )
      .all(jobId);
    for (const row of rows) {
      yield {
        path: row.path,
        outcome: row.outcome as FileReport['outcome'],
        ...(row.sop_uid !== null && { sopInstanceUid: row.sop_uid }),
        ...(row.code !== null && { code: row.code }),
        ...(row.reason !== null && { reason: row.reason }),
      };
    }
  }
}
