// When an instance was received, by a clock that may be wrong. What comes later is never older than what came before: received while the
// clock was behind it would be old, and removed, once that is right again. A clock that stays put back was ahead before.
import type { Database } from '#backend/base/database.ts';

interface ReceivedTime {
  /** Epoch milliseconds, as all here: the latest time that was believed. */
  latest: number;
  /** Since when the clock stands far from that; null where it does not. */
  oddSince: number | null;
}

const SECOND_MS = 1000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
/** As clock-doubt.ts has it: so far ahead is a leap, which is believed after a day. */
const LEAP_MS = 7 * DAY_MS;
/** So long it has to go on behind the latest time until that was the wrong one. */
const PUT_BACK_MS = 30 * DAY_MS;

const NAME = 'received-time';

/** The time to note for what is received now; keeps how the clock stands. Inside a transaction with the change number `seq`. */
export function receivedNow(db: Database, seq: number): number {
  const now = Date.now();
  const before = read(db);
  const { latest, oddSince } = before ?? { latest: now, oddSince: null };
  const isOdd = now < latest || now - latest > LEAP_MS;
  const since = isOdd ? Math.min(oddSince ?? now, now) : null;
  const isBelieved = since === null || now - since >= (now < latest ? PUT_BACK_MS : DAY_MS);
  const after: ReceivedTime = isBelieved ? { latest: now, oddSince: null } : { latest, oddSince: since };
  if (isBelieved && oddSince !== null) restamp(db, now, seq);
  if (!before || after.oddSince !== oddSince || Math.abs(after.latest - latest) >= SECOND_MS) write(db, after);
  return Math.max(now, after.latest);
}

/** The time that is noted in place of the clock's, where that is more than a day behind it; null where it is not. */
export function notedInPlace(db: Database): number | null {
  const latest = read(db)?.latest;
  return latest !== undefined && latest - Date.now() > DAY_MS ? latest : null;
}

/** What was received while the clock was ahead counts from now on, or it would never be old. */
function restamp(db: Database, now: number, seq: number): void {
  // A study bears the latest time of its instances, and a look at all of these would hold up an import after each small correction.
  db.prepare(
    'UPDATE instance SET received_at = ? WHERE received_at > ? AND study IN (SELECT id FROM study WHERE received_at > ?)',
  ).run(now, now, now);
  db.prepare('UPDATE study SET received_at = ?, seq = ? WHERE received_at > ?').run(now, seq, now);
}

function read(db: Database): ReceivedTime | undefined {
  const row = db.prepare<{ value: string }>('SELECT value FROM setting WHERE name = ?').get(NAME);
  if (row) return JSON.parse(row.value) as ReceivedTime;
  // Programs before this one kept no such time.
  const study = db.prepare<{ at: number }>('SELECT received_at AS at FROM study ORDER BY at DESC LIMIT 1').get();
  return study && { latest: study.at, oddSince: null };
}

const write = (db: Database, time: ReceivedTime): void =>
  void db.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)').run(NAME, JSON.stringify(time));
