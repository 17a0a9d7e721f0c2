// A small synthetic study for journeys: oblique, non-square pixels, values known at every pixel.
import fs from 'node:fs';
import path from 'node:path';
import { binary, numbers, text, writeFile } from '../../shared/testing/dicom-builder.ts';

export const TEST_STUDY = { studyUid: '2.25.1001', seriesUid: '2.25.1002', slices: 12, rows: 48, columns: 64 };

/** Stored value of a pixel: the table of the test, not of the product. */
export const storedAt = (slice: number, row: number, column: number): number => slice * 100 + row * 4 + column;

export function testSlice(slice: number, changed: Parameters<typeof writeFile>[0] = {}): Uint8Array {
  const { studyUid, seriesUid, rows, columns } = TEST_STUDY;
  const words = new Int16Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) words[row * columns + column] = storedAt(slice, row, column);
  const tilt = Math.PI / 6;
  return writeFile({
    '00080005': text('CS', 'ISO_IR 192'),
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.4'),
    '00080018': text('UI', `2.25.2${String(slice).padStart(3, '0')}`),
    '00080020': text('DA', '20240517'),
    '00080030': text('TM', '101500'),
    '00080050': text('SH', 'ACC-77'),
    '00080060': text('CS', 'MR'),
    '00081030': text('LO', 'Knie links'),
    '0008103E': text('LO', 'PD sagittal'),
    '00100010': text('PN', 'Müller^Jörg=王^小東'),
    '00100020': text('LO', 'P-4711'),
    '00100030': text('DA', '19700101'),
    '00100040': text('CS', 'M'),
    '0020000D': text('UI', studyUid),
    '0020000E': text('UI', seriesUid),
    '00200011': text('IS', '1'),
    '00200013': text('IS', String(slice + 1)),
    '00200032': text(
      'DS',
      '-20',
      String(10 - slice * 3 * Math.sin(tilt)).slice(0, 16),
      String(30 + slice * 3 * Math.cos(tilt)).slice(0, 16),
    ),
    '00200037': text('DS', '1', '0', '0', '0', Math.cos(tilt).toFixed(8), Math.sin(tilt).toFixed(8)),
    '00280002': numbers('US', 1),
    '00280004': text('CS', 'MONOCHROME2'),
    '00280010': numbers('US', rows),
    '00280011': numbers('US', columns),
    '00280030': text('DS', '0.9', '0.6'),
    '00280100': numbers('US', 16),
    '00280101': numbers('US', 16),
    '00280102': numbers('US', 15),
    '00280103': numbers('US', 1),
    '00281050': text('DS', '600'),
    '00281051': text('DS', '1200'),
    '7FE00010': binary('OW', new Uint8Array(words.buffer)),
    ...changed,
  });
}

/** Writes the study's files below `folder`; gives their paths. */
export function writeTestStudy(folder: string): string[] {
  fs.mkdirSync(folder, { recursive: true });
  return Array.from({ length: TEST_STUDY.slices }, (_, slice) => {
    const file = path.join(folder, `slice-${String(slice).padStart(2, '0')}.dcm`);
    fs.writeFileSync(file, testSlice(slice));
    return file;
  });
}
