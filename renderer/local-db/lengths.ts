// Lengths kept on this computer: each change is down before the next one, even when the page goes at once.
import { database, type StoredLength } from './database.ts';

const PENDING = 'lectern.length.';
const pendingName = (uid: string): string => PENDING + uid;

/** All of one study, oldest first. */
export async function readLengths(studyUid: string): Promise<StoredLength[]> {
  const found = new Map((await database.lengths.where({ studyUid }).toArray()).map((row) => [row.uid, row]));
  // What the page had no time to write before it went.
  for (const name of Object.keys(localStorage).filter((each) => each.startsWith(PENDING))) {
    const change = JSON.parse(localStorage.getItem(name) ?? 'null') as Change | null;
    if (change?.studyUid !== studyUid) continue;
    if (change.length) found.set(change.uid, change.length);
    else found.delete(change.uid);
    void writeChange(change).catch(() => undefined);
  }
  return [...found.values()].sort((a, b) => a.drawnAt - b.drawnAt);
}

interface Change {
  studyUid: string;
  uid: string;
  /** Undefined: deleted. */
  length?: StoredLength;
}

/** Keeps a length; rejects when neither database nor page storage takes it. */
export const keepLength = (length: StoredLength): Promise<void> =>
  writeChange({ studyUid: length.studyUid, uid: length.uid, length });

export const forgetLength = (studyUid: string, uid: string): Promise<void> => writeChange({ studyUid, uid });

async function writeChange(change: Change): Promise<void> {
  const name = pendingName(change.uid);
  const text = JSON.stringify(change);
  localStorage.setItem(name, text);
  if (change.length) await database.lengths.put(change.length);
  else await database.lengths.delete(change.uid);
  // Only what was written is taken away: a later change may wait already.
  if (localStorage.getItem(name) === text) localStorage.removeItem(name);
}
