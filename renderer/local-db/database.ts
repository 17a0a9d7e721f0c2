// The page's own database (Dexie): a view of the archive that is filled again, and the person's preferences. The only importer of
// Dexie.
import Dexie, { type EntityTable, type Transaction } from 'dexie';
import type { StoredLength } from '#shared/contract/marks.ts';
import type { SeriesRow, StudyRow } from '#shared/contract/views.ts';

interface Setting {
  name: string;
  value: unknown;
}

class LocalDatabase extends Dexie {
  declare studies: EntityTable<StudyRow, 'studyUid'>;
  declare series: EntityTable<SeriesRow, 'seriesUid'>;
  declare settings: EntityTable<Setting, 'name'>;
  /** Of an earlier version, which kept lengths here only. */
  declare lengths: EntityTable<StoredLength, 'uid'>;
  constructor() {
    // A view that can be filled again waits for no disk.
    super('lectern', { chromeTransactionDurability: 'relaxed' });
    this.version(1).stores({ studies: 'studyUid', series: '[studyUid+seriesUid], studyUid', settings: 'name' });
    // Rows carry more than those of the version before: filled anew.
    const refill = async (change: Transaction): Promise<void> => {
      await change.table('studies').clear();
      await change.table('series').clear();
      await change.table('settings').delete('mirror');
    };
    this.version(2).stores({ lengths: 'uid, studyUid' }).upgrade(refill);
    this.version(3).upgrade(refill);
    this.version(4).upgrade(refill);
  }
}

export const database = new LocalDatabase();

/** Lengths that an earlier version kept here only; `taken` is called with them before they go from here. */
export async function handOverLengths(taken: (lengths: StoredLength[]) => void): Promise<void> {
  const found = await database.lengths.toArray();
  if (found.length === 0) return;
  taken(found);
  await database.lengths.clear();
}

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

/** Calls back with what another window of the program writes for this setting, as long as this page lives: who writes all of it
 * without knowing would take away what was set there. */
export function followSetting(name: string, onWritten: (value: unknown) => void): void {
  addEventListener('storage', ({ key, newValue }) => {
    if (key === pendingName(name) && newValue !== null) onWritten(JSON.parse(newValue));
  });
}
