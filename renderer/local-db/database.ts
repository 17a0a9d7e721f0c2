// The page's own database (Dexie): a view of the archive that can be thrown away, and the person's preferences. The only
// importer of Dexie.
import Dexie, { type EntityTable } from 'dexie';
import type { SeriesRow, StudyRow } from '#shared/contract/views.ts';

interface Setting {
  name: string;
  value: unknown;
}

class LocalDatabase extends Dexie {
  declare studies: EntityTable<StudyRow, 'studyUid'>;
  declare series: EntityTable<SeriesRow, 'seriesUid'>;
  declare settings: EntityTable<Setting, 'name'>;
  constructor() {
    // A view that can be filled again waits for no disk.
    super('lectern', { chromeTransactionDurability: 'relaxed' });
    this.version(1).stores({ studies: 'studyUid', series: '[studyUid+seriesUid], studyUid', settings: 'name' });
  }
}

export const database = new LocalDatabase();

export async function readSetting<T>(name: string, otherwise: T): Promise<T> {
  const found = await database.settings.get(name).catch(() => undefined);
  return found === undefined ? otherwise : (found.value as T);
}

export async function writeSetting(name: string, value: unknown): Promise<void> {
  await database.settings.put({ name, value }).catch(() => undefined);
}
