// Whether a folder is one to keep an archive in: that of an archive, or one in which there is nothing of anybody else.
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import { hasStoredFiles, isTemporaryName } from './object-store.ts';

/** Of an archive, with `objects/` and `quarantine/`; lock.db is there before. */
const DATABASES = ['index.db', 'audit.db', 'settings.db', 'marks.db'];

export const envelopePath = (dataDir: string): string => path.join(dataDir, 'archive.json');

/** Whether there is more of an archive than its envelope. Throws LecternError 'conflict' where a folder of it cannot be read. */
export const hasArchive = (dataDir: string): boolean =>
  DATABASES.some((name) => fs.existsSync(path.join(dataDir, name))) || hasStoredFiles(dataDir);

/** What systems put into folders and at the top of disks by themselves. */
const OF_SYSTEMS = new Set([
  'lost+found',
  '.DS_Store',
  '.localized',
  '.Trashes',
  '.fseventsd',
  '.Spotlight-V100',
  '.TemporaryItems',
  '.DocumentRevisions-V100',
  '.directory',
  'Thumbs.db',
  'desktop.ini',
  'System Volume Information',
  '$RECYCLE.BIN',
]);
/** What a first start that was cut off leaves. */
const OF_FIRST_START = /^(lock\.db(-journal|-wal|-shm)?|archive\.json\.\d+\.tmp)$/;
const FOLDERS = /^(objects|quarantine|removed|tmp|[0-9a-f])$/;

/** Throws LecternError 'conflict' where a folder holds what is not of an archive: the archive would be laid over it. The file system's
 * error where it cannot be read. Makes nothing. */
export function checkDataFolder(dataDir: string): void {
  if (!fs.statSync(dataDir, { throwIfNoEntry: false })?.isDirectory()) return;
  if (fs.existsSync(envelopePath(dataDir)) || hasArchive(dataDir)) return;
  const foreign = foreignIn(dataDir);
  if (foreign === undefined) return;
  throw new LecternError(
    'conflict',
    `${dataDir} is no archive of Lectern, and not empty: ${foreign} is in it. Give an empty folder, a new one, or that of an archive.`,
  );
}

/** The first that an archive did not put there. */
function foreignIn(folder: string): string | undefined {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (OF_SYSTEMS.has(entry.name) || OF_FIRST_START.test(entry.name)) continue;
    if (entry.isFile() && isTemporaryName(entry.name)) continue;
    const within = path.join(folder, entry.name);
    if (!entry.isDirectory() || !FOLDERS.test(entry.name)) return within;
    const found = foreignIn(within);
    if (found !== undefined) return found;
  }
  return undefined;
}
