// What the tests of this folder share: an archive in a folder of its own, and images to mark.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Archive } from '#backend/archive/archive.ts';
import type { StoredLength } from '#shared/contract/marks.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { binary, EXPLICIT, numbers, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';

export const key = (): Buffer => randomBytes(32);

export interface TestArchive {
  folder: string;
  archive: Archive;
  close(): Promise<void>;
}
export function openTestArchive(): TestArchive {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-marks-'));
  const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
  const archive = new Archive(path.join(folder, 'data'), keys);
  return {
    folder,
    archive,
    close: async () => {
      await archive.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** Oblique, not square, in a Japanese name. */
export const image = (sop: string, changed: Dataset = {}): Uint8Array =>
  writeFile(
    {
      '00080005': text('CS', 'ISO_IR 192'),
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.2'),
      '00080018': text('UI', sop),
      '00080020': text('DA', '20260301'),
      '00080060': text('CS', 'CT'),
      '00100010': text('PN', 'Yamada^Tarou=山田^太郎=やまだ^たろう'),
      '00100020': text('LO', 'P 7'),
      '0020000D': text('UI', '1.2.3'),
      '0020000E': text('UI', '1.2.3.1'),
      '00200013': text('IS', '12'),
      '00200032': text('DS', '7', '-30', '120'),
      '00200037': text('DS', '0.8', '0.6', '0', '-0.3', '0.4', '0.866025'),
      '00280002': numbers('US', 1),
      '00280004': text('CS', 'MONOCHROME2'),
      '00280010': numbers('US', 24),
      '00280011': numbers('US', 32),
      '00280030': text('DS', '0.5', '0.25'),
      '00280100': numbers('US', 8),
      '00280101': numbers('US', 8),
      '00280102': numbers('US', 7),
      '00280103': numbers('US', 0),
      '7FE00010': binary(
        'OB',
        new Uint8Array(24 * 32 * Number((changed['00280008'] as { values?: string[] })?.values?.[0] ?? 1)),
      ),
      ...changed,
    },
    { transferSyntaxUid: EXPLICIT },
  );

/** Resolves to what became of it. */
export async function take(archive: Archive, bytes: Uint8Array): Promise<string> {
  const stream = archive.ingest.stream({ path: 'test' });
  await stream.write(bytes);
  return (await stream.finish()).outcome;
}

/** What the stored file of an instance holds, and what had to be repaired in it. */
export function storedDataset(archive: Archive, sopUid: string): { dataset: DicomJson; repairs: unknown[] } {
  const location = archive.index.locate(sopUid);
  if (!location) throw new Error('not stored');
  const reader = archive.open(location);
  const read = readInstance(reader);
  reader.close();
  if (!read.ok) throw new Error(read.error.detail);
  return read.value;
}

/** A length on `image('1.2.3.1.1')`. */
export const lengthOf = (uid: string): StoredLength => ({
  uid,
  studyUid: '1.2.3',
  seriesUid: '1.2.3.1',
  sopInstanceUid: '1.2.3.1.1',
  frameIndex: 0,
  ends: [[1, 2], [9, 17]], // prettier-ignore
  label: '',
  text: '7.8 mm',
  drawnAt: 1,
});
