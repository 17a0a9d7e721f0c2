// Whether a folder is one to keep an archive in: that of an archive, or one where nothing of anybody else is in its way.
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
const FOLDERS = ['objects', 'quarantine', 'removed', 'tmp'];
const SHARD = /^[0-9a-f]$/;

/** Throws LecternError 'conflict' where a folder that is no archive has something of somebody else under a name that an archive would
 * use; what lies beside is left alone. The file system's error where it cannot be read. Makes nothing. */
export function checkDataFolder(dataDir: string): void {
  if (!fs.statSync(dataDir, { throwIfNoEntry: false })?.isDirectory()) return;
  if (fs.existsSync(envelopePath(dataDir)) || hasArchive(dataDir)) return;
  for (const name of FOLDERS) {
    const foreign = foreignAt(path.join(dataDir, name));
    if (foreign !== undefined)
      throw new LecternError(
        'conflict',
        `${dataDir} is no archive of Lectern, and ${foreign} is in it, where an archive keeps its own. Give an empty folder, a new one, or that of an archive.`,
      );
  }
}

/** What an archive did not put there: the first in the folder, or itself where it is none. */
function foreignAt(folder: string): string | undefined {
  const found = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (!found.isDirectory()) return folder;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (OF_SYSTEMS.has(entry.name) || (entry.isFile() && isTemporaryName(entry.name))) continue;
    const within = path.join(folder, entry.name);
    const foreign = SHARD.test(entry.name) ? foreignAt(within) : within;
    if (foreign !== undefined) return foreign;
  }
  return undefined;
}
