// Compares a DICOMDIR (PS3.10 8, PS3.3 Annex F) with the files beside it: trusted as a list, verified against the disc.
import fs from 'node:fs';
import path from 'node:path';
import type { DicomJson } from '#shared/dicom/model.ts';

/** Referenced File IDs (0004,1500) of a DICOMDIR's records, as paths below its folder. IDs that would leave the folder
 * are given back apart: they are a defect, never followed. */
export function referencedFiles(dicomdir: DicomJson, folder: string): { files: string[]; invalid: string[] } {
  const files: string[] = [];
  const invalid: string[] = [];
  for (const record of dicomdir['00041220']?.Value ?? []) {
    if (typeof record !== 'object' || record === null) continue;
    const parts = (record as DicomJson)['00041500']?.Value;
    if (!parts?.length) continue;
    const names = parts.map(String);
    const isSafe = names.every((name) => name !== '' && name !== '.' && name !== '..' && !/[/\\\0:]/.test(name));
    if (isSafe) files.push(path.join(folder, ...names));
    else invalid.push(names.join('\\'));
  }
  return { files, invalid };
}

/** The path as it is on the medium: discs are read with names in lower case, or with a version (`;1`) or a dot at the end. */
export async function findOnMedium(folder: string, file: string): Promise<string | undefined> {
  if (await isFile(file)) return file;
  let at = folder;
  for (const part of path.relative(folder, file).split(path.sep)) {
    const names = await fs.promises.readdir(at).catch(() => []);
    const found = names.find((name) => sameName(name, part));
    if (found === undefined) return undefined;
    at = path.join(at, found);
  }
  return (await isFile(at)) ? at : undefined;
}

const sameName = (onDisc: string, listed: string): boolean =>
  onDisc.replace(/\.?(;\d+)?$/, '').toUpperCase() === listed.replace(/\.$/, '').toUpperCase();

async function isFile(file: string): Promise<boolean> {
  return (await fs.promises.stat(file).catch(() => undefined))?.isFile() ?? false;
}
