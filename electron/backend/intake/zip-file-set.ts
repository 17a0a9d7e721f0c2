// A medium as a ZIP file: what its DICOMDIR lists against the members beside it.
import type { Result } from '#shared/base/result.ts';
import type { FileReport } from '#shared/contract/views.ts';
import { reportFileSet } from './file-set.ts';
import { readDicomdirFrom, type Dicomdir } from './read-dicomdir.ts';
import { ZipDefect, zipMembers, type ZipMember } from './zip-members.ts';

/** A ZIP file on disk and what to call it in reports. */
export interface NamedZip {
  path: string;
  label: string;
}

/** A DICOMDIR that was met among the members. */
export interface ListedZip {
  /** As reports name it. */
  name: string;
  sizeBytes: number;
  dicomdir: Result<Dicomdir, string>;
}

export function dicomdirOf(member: ZipMember): Promise<Result<Dicomdir, string>> {
  return readDicomdirFrom(member.sizeBytes, async () => {
    const pieces: Uint8Array[] = [];
    await member.read((bytes) => {
      pieces.push(bytes.slice());
      return Promise.resolve(true);
    });
    return Buffer.concat(pieces);
  });
}

/** One line for the DICOMDIR, one for each file that it lists but the ZIP does not hold. */
export async function compareZip(
  zip: NamedZip,
  { name, sizeBytes, dicomdir }: ListedZip,
  uidAt: (member: string) => string | undefined,
  report: (report: FileReport, bytes: number) => void,
): Promise<void> {
  const names = await namesIn(zip.path);
  // As old packers of Windows wrote them; APPNOTE 4.4.17.1 asks for slashes.
  const hasBackslashes = !names.some((member) => member.includes('/'));
  const pathOf = (member: string): string => `${zip.label}!/${hasBackslashes ? member.replaceAll('\\', '/') : member}`;
  const file = pathOf(name.slice(`${zip.label}!/`.length));
  await reportFileSet({ file, sizeBytes, dicomdir, list: () => names.map(pathOf), uidAt }, (line, bytes) =>
    report(line.path === file ? { ...line, path: name } : line, bytes),
  );
}

/** Names of all members, as far as a damaged ZIP tells them. */
async function namesIn(file: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { label } of zipMembers(file, undefined)) names.push(label);
  } catch (error) {
    if (!(error instanceof ZipDefect)) throw error;
  }
  return names;
}
