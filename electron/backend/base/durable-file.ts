// Writes small files so that a power cut leaves either the old or the new one, and flushes folders.
import fs from 'node:fs';
import path from 'node:path';

/** Replaces `file` by `text`: temporary name, flush, rename, flush of the folder. */
export function writeDurably(file: string, text: string, mode: number): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
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

/** Makes a folder that only this user may enter. */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // On a read-only disk Node says that the folder is not there; for this one alone it says why.
    fs.mkdirSync(folder, { mode: 0o700 });
  }
}
