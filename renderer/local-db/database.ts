// The page's own database (Dexie): a view of the archive that is filled again, the person's preferences, and lengths, which
// are kept nowhere else. The only importer of Dexie.
import Dexie, { type EntityTable } from 'dexie';
import type { SeriesRow, StudyRow } from '#shared/contract/views.ts';

interface Setting {
  name: string;
  value: unknown;
}

/** A length that a person drew, kept on this computer only. */
export interface StoredLength {
  uid: string;
  studyUid: string;
  seriesUid: string;
  sopInstanceUid: string;
  /** From 0. */
  frameIndex: number;
  /** Instance Number (0020,0013), for the list. */
  instanceNumber: number | undefined;
  /** Column and row of both ends, from 0 at the first pixel's centre. */
  ends: readonly [readonly [number, number], readonly [number, number]];
  label: string;
  text: string;
  /** Milliseconds since 1970. */
  drawnAt: number;
}

class LocalDatabase extends Dexie {
  declare studies: EntityTable<StudyRow, 'studyUid'>;
  declare series: EntityTable<SeriesRow, 'seriesUid'>;
  declare settings: EntityTable<Setting, 'name'>;
  declare lengths: EntityTable<StoredLength, 'uid'>;
  constructor() {
    // A view that can be filled again waits for no disk.
    super('lectern', { chromeTransactionDurability: 'relaxed' });
    this.version(1).stores({ studies: 'studyUid', series: '[studyUid+seriesUid], studyUid', settings: 'name' });
    // Rows carry more than those of version 1: filled anew.
    this.version(2)
      .stores({ lengths: 'uid, studyUid' })
      .upgrade(async (change) => {
        await change.table('studies').clear();
        await change.table('series').clear();
        await change.table('settings').delete('mirror');
      });
  }
}

export const database = new LocalDatabase();

/** A change that is made just before the page goes would not reach the database any more: it waits here, written at once. */
const pendingName = (name: string): string => `lectern.pending.${name}`;

export async function readSetting<T>(name: string, otherwise: T): Promise<T> {
  const pending = localStorage.getItem(pendingName(name));
  if (pending !== null) {
    try {
      const value = JSON.parse(pending) as T;
      void writeSetting(name, value);
      return value;
    } catch {
      // Not written by us: what the database holds is the last that is known.
      localStorage.removeItem(pendingName(name));
    }
  }
  const found = await database.settings.get(name).catch(() => undefined);
  return found === undefined ? otherwise : (found.value as T);
}

export async function writeSetting(name: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  localStorage.setItem(pendingName(name), text);
  // Where the database does not take it, it stays where it is.
  const isWritten = await database.settings.put({ name, value }).then(
    () => true,
    () => false,
  );
  // Only what was written is taken away: a later change may wait already.
  if (isWritten && localStorage.getItem(pendingName(name)) === text) localStorage.removeItem(pendingName(name));
}
