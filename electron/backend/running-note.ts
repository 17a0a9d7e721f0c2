// Says inside the data folder where the Lectern that has it open can be reached, so that a command can hand its work to it.
// Readable by this user only, like everything in that folder; gone when that Lectern ends, checked for life when read.
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeDurably } from './base/durable-file.ts';

const note = z.object({ origin: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/), token: z.string().min(32) });
export type RunningNote = z.infer<typeof note>;

const noteFile = (dataDir: string): string => path.join(dataDir, 'running.json');

/** Leaves the note; gives the function that takes it away. Without it others are only told that the folder is in use: no reason not to
 * read on a disk that is full or read-only. */
export function leaveRunningNote(dataDir: string, { origin, token }: RunningNote): () => void {
  const takeAway = (): void => {
    try {
      fs.rmSync(noteFile(dataDir), { force: true });
    } catch {
      // Whoever reads it finds nobody there.
    }
  };
  try {
    writeDurably(noteFile(dataDir), JSON.stringify({ origin, token }), 0o600);
  } catch {
    takeAway();
  }
  return takeAway;
}

/** The note that is there, whether or not its Lectern still lives. */
export function readRunningNote(dataDir: string): RunningNote | undefined {
  try {
    const parsed = note.safeParse(JSON.parse(fs.readFileSync(noteFile(dataDir), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
