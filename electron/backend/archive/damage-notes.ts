// Which stored instances are known not to give their bytes any more: found by whoever read them, until the same instance comes
// again or a verification finds its file whole. So a damaged study is marked before it is opened, and what is damaged counts as
// missing for a node that still has it; so does what came cut.
import type { Database } from '#backend/base/database.ts';
import { CUT_REPAIRS } from '#shared/dicom/model.ts';
import type { InstanceLocation } from './archive-index.ts';

/** Why a stored file does not give its bytes, where that is the fault of the file; undefined for what only hinders now. Knows
 * the errors of this thread and those that workers tell of. */
export function wordsOfDamage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'The file is missing.';
  if (code === 'EIO') return 'The disk cannot read the file.';
  return error.name === 'DamagedFile' ? `The file is damaged: ${error.message}.` : undefined;
}

const IS_DAMAGED = 'EXISTS (SELECT 1 FROM damaged_instance WHERE sop_uid = i.uid)';
const IS_CUT = `EXISTS (SELECT 1 FROM json_each(i.repairs)
  WHERE json_extract(value, '$.code') IN (${[...CUT_REPAIRS].map((code) => `'${code}'`).join(', ')}))`;

export class DamageNotes {
  readonly #db: Database;
  readonly #change: (work: (seq: number) => void) => void;

  /** `change` runs its argument in a transaction under a new change number. */
  constructor(db: Database, change: (work: (seq: number) => void) => void) {
    this.#db = db;
    this.#change = change;
  }

  /** False where nothing is new: noted already, or another file stands for the instance by now. */
  note(location: InstanceLocation, reason: string): boolean {
    const { sopUid, studyUid, seriesUid } = location;
    if (!this.stands(location) || this.#isNoted(sopUid)) return false;
    this.#change((seq) => {
      this.#db
        .prepare('INSERT INTO damaged_instance (sop_uid, study_uid, series_uid, reason) VALUES (?, ?, ?, ?)')
        .run(sopUid, studyUid, seriesUid, reason);
      this.#touch(studyUid, seriesUid, seq);
    });
    return true;
  }

  /** Whether an instance is stored still, and in the file that was located. */
  stands({ sopUid, name }: InstanceLocation): boolean {
    return this.#db.prepare('SELECT 1 FROM instance WHERE uid = ? AND name = ?').get(sopUid, name) !== undefined;
  }

  /** False where nothing was noted. */
  clear({ sopUid, studyUid, seriesUid }: Pick<InstanceLocation, 'sopUid' | 'studyUid' | 'seriesUid'>): boolean {
    if (!this.#isNoted(sopUid)) return false;
    this.#change((seq) => {
      this.#db.prepare('DELETE FROM damaged_instance WHERE sop_uid = ?').run(sopUid);
      this.#touch(studyUid, seriesUid, seq);
    });
    return true;
  }

  #isNoted(sopUid: string): boolean {
    return this.#db.prepare('SELECT 1 FROM damaged_instance WHERE sop_uid = ?').get(sopUid) !== undefined;
  }

  /** In the archive, neither known to be damaged nor cut. */
  isWhole(sopUid: string): boolean {
    const find = this.#db.prepare(`SELECT 1 FROM instance i WHERE i.uid = ? AND NOT ${IS_DAMAGED} AND NOT ${IS_CUT}`);
    return find.get(sopUid) !== undefined;
  }

  /** In the archive, and known to have come without its end. */
  isCut(sopUid: string): boolean {
    return this.#db.prepare(`SELECT 1 FROM instance i WHERE i.uid = ? AND ${IS_CUT}`).get(sopUid) !== undefined;
  }

  /** Instances of the study, or of one of its series, that are in the archive, neither known to be damaged nor cut. */
  wholeCount({ studyUid, seriesUid }: { studyUid: string; seriesUid?: string | undefined }): number {
    const row = this.#db
      .prepare<{ count: number | null }>(
        `SELECT sum(instance_count - (SELECT count(*) FROM damaged_instance WHERE study_uid = ? AND series_uid = series.uid)
         - CASE repaired WHEN 0 THEN 0 ELSE
           (SELECT count(*) FROM instance i WHERE i.series = series.id AND ${IS_CUT} AND NOT ${IS_DAMAGED}) END)
         AS count FROM series WHERE study = (SELECT id FROM study WHERE uid = ?) AND uid = coalesce(?, uid)`,
      )
      .get(studyUid, studyUid, seriesUid ?? null);
    return row?.count ?? 0;
  }

  #touch(studyUid: string, seriesUid: string, seq: number): void {
    this.#db.prepare('UPDATE study SET seq = ? WHERE uid = ?').run(seq, studyUid);
    this.#db
      .prepare('UPDATE series SET seq = ? WHERE uid = ? AND study = (SELECT id FROM study WHERE uid = ?)')
      .run(seq, seriesUid, studyUid);
  }
}
