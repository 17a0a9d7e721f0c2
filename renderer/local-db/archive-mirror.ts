// Keeps the local view of the archive: rows in Dexie, all studies in memory for the search, fed by the change feed. What
// the feed says always wins; another epoch throws the view away.
import type { Changes, SeriesRow, StudyRow } from '#shared/contract/views.ts';
import { database, readSetting } from './database.ts';

interface Position {
  epoch: string;
  seq: number;
}

const SLICE = 4000;

export interface ArchiveMirror {
  /** All studies known so far; a new array after each change. */
  studies(): readonly StudyRow[];
  seriesOf(studyUid: string): Promise<SeriesRow[]>;
  /** Calls back after each change; returns the function that unregisters. */
  subscribe(listener: () => void): () => void;
  /** Fills from Dexie, then catches up with the backend. */
  start(): Promise<void>;
  /** Catches up; calls while one is under way are joined. */
  catchUp(): Promise<void>;
}

export function createArchiveMirror(fetchChanges: (since: number) => Promise<Changes>): ArchiveMirror {
  const rows = new Map<string, StudyRow>();
  const listeners = new Set<() => void>();
  let list: readonly StudyRow[] = [];
  let position: Position = { epoch: '', seq: 0 };
  let running: Promise<void> | undefined;
  let isAskedAgain = false;

  function publish(): void {
    list = [...rows.values()];
    for (const listener of listeners) listener();
  }

  async function apply(changes: Changes): Promise<void> {
    await database.transaction('rw', [database.studies, database.series, database.settings], async () => {
      if (changes.epoch !== position.epoch) {
        await database.studies.clear();
        await database.series.clear();
        rows.clear();
      }
      for (const uid of changes.removedStudies) {
        rows.delete(uid);
        await database.studies.delete(uid);
        await database.series.where('studyUid').equals(uid).delete();
      }
      for (const row of changes.studies) rows.set(row.studyUid, row);
      await database.studies.bulkPut(changes.studies);
      await database.series.bulkPut(changes.series);
      position = { epoch: changes.epoch, seq: changes.seq };
      await database.settings.put({ name: 'mirror', value: position });
    });
  }

  async function run(): Promise<void> {
    do {
      isAskedAgain = false;
      let changes = await fetchChanges(position.seq);
      for (;;) {
        // Rows since a change number of another index mean nothing: from the start.
        if (changes.epoch !== position.epoch && position.seq > 0) {
          position = { epoch: '', seq: 0 };
          changes = await fetchChanges(0);
        }
        // The next answer is under way while this one is written.
        const next = changes.more ? fetchChanges(changes.seq) : undefined;
        next?.catch(() => undefined);
        await apply(changes);
        publish();
        if (!next) break;
        changes = await next;
      }
    } while (isAskedAgain);
  }

  const mirror: ArchiveMirror = {
    studies: () => list,
    seriesOf: (studyUid) => database.series.where('studyUid').equals(studyUid).toArray(),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => {
      position = await readSetting<Position>('mirror', { epoch: '', seq: 0 });
      // In slices, so that whoever types meanwhile is not kept waiting.
      for (let last = '', slice: StudyRow[] = []; ; last = slice.at(-1)?.studyUid ?? '') {
        slice = await database.studies.where('studyUid').above(last).limit(SLICE).toArray();
        for (const row of slice) rows.set(row.studyUid, row);
        publish();
        if (slice.length < SLICE) break;
      }
      await mirror.catchUp();
    },
    catchUp: () => {
      if (running) {
        isAskedAgain = true;
        return running;
      }
      running = run().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
  return mirror;
}
