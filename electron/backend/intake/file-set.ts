// Compares a DICOMDIR (PS3.10 8, PS3.3 Annex F) with the files beside it: trusted as a list, verified against the disc.
import path from 'node:path';
import type { Result } from '#shared/base/result.ts';
import type { FileReport } from '#shared/contract/views.ts';
import { textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { Dicomdir } from './read-dicomdir.ts';

interface ListedFile {
  path: string;
  /** Referenced SOP Instance UID in File (0004,1511); undefined where the list does not say. */
  sopInstanceUid: string | undefined;
}

interface ReferencedFiles {
  files: ListedFile[];
  /** Never followed. */
  invalid: string[];
  /** How many of the files are given by a path with slashes, where each folder is a value of its own (PS3.10 8.2, PS3.3 F.3.2.2). */
  withSlashes: number;
}

/** Referenced File IDs (0004,1500) of a DICOMDIR's records, as paths below its folder. IDs that would leave the folder
 * are given back apart: they are a defect. */
export function referencedFiles(dicomdir: DicomJson, folder: string): ReferencedFiles {
  const files: ListedFile[] = [];
  const invalid: string[] = [];
  let withSlashes = 0;
  for (const record of dicomdir['00041220']?.Value ?? []) {
    if (typeof record !== 'object' || record === null) continue;
    const parts = (record as DicomJson)['00041500']?.Value;
    if (!parts?.length) continue;
    const names = parts.flatMap((part) => String(part).split('/'));
    const isSafe = names.every((name) => name !== '' && name !== '.' && name !== '..' && !/[\\\0:]/.test(name));
    if (!isSafe) {
      invalid.push(parts.join('\\'));
      continue;
    }
    const sopInstanceUid = textOf(record as DicomJson, '00041511');
    files.push({ path: path.join(folder, ...names), sopInstanceUid });
    if (names.length > parts.length) withSlashes++;
  }
  return { files, invalid, withSlashes };
}

const keyOnDisc = (name: string): string => name.replace(/\.?(;\d+)?$/, '').toUpperCase();
const keyInList = (name: string): string => name.replace(/\.$/, '').toUpperCase();

/** Discs are read with names in lower case, or with a version (`;1`) or a dot at the end. */
export const sameName = (onDisc: string, listed: string): boolean => keyOnDisc(onDisc) === keyInList(listed);

/** A DICOMDIR and the medium that it lists, wherever that lies. */
export interface FileSet {
  /** Path of the DICOMDIR, as reports name it. */
  file: string;
  sizeBytes: number;
  /** The error is a sentence. */
  dicomdir: Result<Dicomdir, string>;
  /** All files of the medium, the DICOMDIR among them; those outside its folder do not count. */
  list(): AsyncIterable<string> | Iterable<string>;
  /** SOP Instance UID of what this file was found to be; undefined where that is not known. */
  uidAt(file: string): string | undefined;
  /** Only what it lists was read. */
  isAlone?: boolean;
}

interface Places {
  /** All files below the folder. */
  there: ReadonlySet<string>;
  /** The file that a path of the list means, however the disc spells it. */
  find(listed: string): string | undefined;
}

/** `list`: files of the medium; those outside its folder do not count. */
export async function placesIn(folder: string, list: ReturnType<FileSet['list']>): Promise<Places> {
  const partsOf = (name: string): string[] => path.relative(folder, name).split(path.sep);
  const there = new Set<string>();
  const byKey = new Map<string, string>();
  for await (const found of list) {
    const parts = partsOf(found);
    if (parts[0] === '..') continue;
    there.add(found);
    const key = parts.map(keyOnDisc).join('/');
    if (!byKey.has(key)) byKey.set(key, found);
  }
  const find = (listed: string): string | undefined =>
    there.has(listed) ? listed : byKey.get(partsOf(listed).map(keyInList).join('/'));
  return { there, find };
}

/** One line for the DICOMDIR itself, one for each file that it lists but the medium does not hold, and for each instance in whose
 * place there is another one. */
export async function reportFileSet(set: FileSet, report: (report: FileReport, bytes: number) => void): Promise<void> {
  const { file, dicomdir } = set;
  if (!dicomdir.ok) {
    const reason = `${dicomdir.error} The files beside it were read without it.`;
    report({ path: file, outcome: 'refused', code: 'dicomdir-damaged', reason }, 0);
    return;
  }
  const folder = path.dirname(file);
  const { files, invalid, withSlashes } = referencedFiles(dicomdir.value.dataset, folder);
  const { there, find } = await placesIn(folder, set.list());
  const listed = new Set<string>();
  const absent: string[] = [];
  const others: { listedUid: string; file: string; uid: string }[] = [];
  for (const { path: wanted, sopInstanceUid: listedUid } of files) {
    const found = find(wanted);
    if (found === undefined) {
      absent.push(wanted);
      continue;
    }
    listed.add(found);
    const uid = set.uidAt(found);
    if (listedUid !== undefined && uid !== undefined && uid !== listedUid) others.push({ listedUid, file: found, uid });
  }
  const unlisted = there.size - listed.size - (there.has(file) && !listed.has(file) ? 1 : 0);
  const parts = [`DICOMDIR: lists ${files.length + invalid.length} files`, `${listed.size - others.length} present`];
  if (others.length) parts.push(`${others.length} with another instance in their place`);
  if (absent.length) parts.push(`${absent.length} absent`);
  if (invalid.length) parts.push(`${invalid.length} with an invalid file ID`);
  if (withSlashes) parts.push(`${withSlashes} with slashes in the file ID, which DICOM does not allow`);
  if (unlisted) parts.push(`${unlisted} further files present but not listed`);
  const unread = unlisted && set.isAlone === true ? ' These were not read: import the folder for that.' : '';
  const reason = `${parts.join(', ')}.${unread}`;
  const { repairs } = dicomdir.value;
  report(
    repairs.length
      ? {
          path: file,
          outcome: 'repaired',
          code: 'dicomdir-damaged',
          reason: `${reason} It is damaged and may have listed more: ${repairs.join(' ')}`,
        }
      : { path: file, outcome: 'not-dicom', code: 'dicomdir', reason },
    set.sizeBytes,
  );
  for (const missing of absent) {
    const reason = 'Listed in the DICOMDIR but not on the medium.';
    report({ path: missing, outcome: 'refused', code: 'absent', reason }, 0);
  }
  for (const { listedUid, file: at, uid } of others) {
    const reason = `The DICOMDIR lists instance ${listedUid} at ${path.relative(folder, at)}, which holds ${uid}: what is listed is not on the medium, what is there was read as what it is.`;
    report({ path: `${file}#${listedUid}`, outcome: 'refused', code: 'absent', reason }, 0);
  }
  for (const id of invalid) {
    const reason = 'The file ID would lead outside the medium; it was not followed.';
    report({ path: `${path.join(folder, 'DICOMDIR')}#${id}`, outcome: 'refused', code: 'invalid-file-id', reason }, 0);
  }
}
