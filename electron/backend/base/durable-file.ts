// Writes small files so that a power cut leaves either the old or the new one, and flushes folders.
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import { systemCode } from './not-written.ts';

/** Replaces `file` by `text`: temporary name, flush, rename, flush of the folder. */
export function writeDurably(file: string, text: string, mode: number): void {
  makeFolder(path.dirname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const fd = fs.openSync(temporary, 'w', mode);
    try {
      fs.writeFileSync(fd, text);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(path.dirname(file));
}

/** Makes renames inside a folder survive a power cut. Windows cannot open folders and needs no such call. */
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes a folder, and those above it, that only this user may enter; `mode` for another access. One by one: Node's own way says that a
 * folder is not there where a disk is read-only, and never ends where a file system takes none (/proc). Throws LecternError 'not-written'
 * for such a place and for a link that leads nowhere, else the file system's error. */
export function makeFolder(folder: string, mode = 0o700): void {
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = path.dirname(folder);
  if (above !== folder) makeFolder(above, mode);
  try {
    fs.mkdirSync(folder, { mode });
  } catch (error) {
    // Somebody else made it at the same time.
    if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
    if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new LecternError(
        'not-written',
        `${folder} is a link to what is not there. Remove it, or make what it leads to.`,
      );
    if (systemCode(error) === 'ENOENT')
      throw new LecternError(
        'not-written',
        `${folder} cannot be made: no folder can be made in ${above}. Give another one.`,
      );
    throw error;
  }
}
