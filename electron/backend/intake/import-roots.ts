// What a person means by the paths of an import: a DICOMDIR stands for the medium that it lists.
import fs from 'node:fs';
import path from 'node:path';
import { rawPath } from '#backend/base/raw-path.ts';
import { sameName } from './file-set.ts';

/** The folder of each DICOMDIR in its place (PS3.10 8.1: it lies at the root of its file-set), and no path twice that lies in one. */
export function importRoots(paths: readonly string[]): string[] {
  const media = [...new Set(paths.filter(isDicomdir).map((file) => path.dirname(file)))];
  return [...media, ...paths.filter((each) => !media.some((medium) => isWithin(each, medium)))];
}

const isDicomdir = (file: string): boolean =>
  sameName(path.basename(file), 'DICOMDIR') &&
  fs.lstatSync(rawPath(file), { throwIfNoEntry: false })?.isFile() === true;

const isWithin = (each: string, folder: string): boolean => {
  const inside = path.relative(folder, each);
  return !path.isAbsolute(inside) && inside.split(path.sep)[0] !== '..';
};
