// File names that are no UTF-8 (a disc written in Latin-1): shown as text that tells them apart, and found again by it.
import fs from 'node:fs';
import { isUtf8 } from 'node:buffer';
import path from 'node:path';

/** The name as text; bytes that are no UTF-8 as `\xE4`. */
export function shownName(name: Buffer): string {
  if (isUtf8(name)) return name.toString('utf8');
  let shown = '';
  for (let at = 0; at < name.length;) {
    const length = [1, 2, 3, 4].find((count) => at + count <= name.length && isUtf8(name.subarray(at, at + count)));
    shown +=
      length === undefined
        ? `\\x${(name[at] ?? 0).toString(16).toUpperCase()}`
        : name.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return shown;
}

/** What the file system calls the file that is shown as `file`: itself, unless only its bytes find it. */
export function rawPath(file: string): string | Buffer {
  if (!file.includes('\\x') || process.platform === 'win32' || fs.existsSync(file)) return file;
  let found = Buffer.from(path.parse(file).root);
  for (const part of file.split(path.sep).filter(Boolean)) {
    const folder = found;
    const there = !part.includes('\\x') ? undefined : namesIn(folder).find((name) => shownName(name) === part);
    found = Buffer.concat([folder, Buffer.from(folder.length > 1 ? path.sep : ''), there ?? Buffer.from(part)]);
  }
  return found;
}

function namesIn(folder: Buffer): Buffer[] {
  try {
    return fs.readdirSync(folder, { encoding: 'buffer' });
  } catch {
    return [];
  }
}
