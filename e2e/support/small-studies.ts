// A handful of tiny studies for the specs of the study browser: names in several scripts, one patient twice, the same
// number from two issuers, one without a number.
import fs from 'node:fs';
import path from 'node:path';
import { sequence, text, writeFile } from '../../shared/testing/dicom-builder.ts';

interface SmallStudy {
  name: string;
  id: string;
  issuer?: string;
  date: string;
  modality: string;
  description: string;
}

export const SMALL_STUDIES: readonly SmallStudy[] = [
  { name: 'Müller^Jörg', id: 'P-1', date: '20240517', modality: 'CT', description: 'Thorax' },
  { name: 'Mueller^Joerg', id: 'P-1', date: '20200203', modality: 'MR', description: 'Head' },
  { name: 'Yamada^Tarou=山田^太郎=やまだ^たろう', id: 'P-2', date: '20231124', modality: 'US', description: 'Abdomen' },
  { name: 'Same^Name', id: 'P-3', issuer: 'NORTH', date: '20230101', modality: 'CT', description: 'Spine' },
  { name: 'Same^Name', id: 'P-3', issuer: 'SOUTH', date: '20220101', modality: 'CT', description: 'Pelvis' },
  { name: 'Nobody^Known', id: '', date: '20210101', modality: 'CR', description: 'Hand' },
];

/** Two series of one object each for every study. */
export function writeSmallStudies(folder: string): string[] {
  fs.mkdirSync(folder, { recursive: true });
  return SMALL_STUDIES.flatMap((study, index) =>
    [1, 2].map((series) => {
      const file = path.join(folder, `study-${index}-${series}.dcm`);
      fs.writeFileSync(file, smallObject(study, index, series));
      return file;
    }),
  );
}

function smallObject(study: SmallStudy, index: number, series: number): Uint8Array {
  return writeFile({
    '00080005': text('CS', 'ISO_IR 192'),
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.88.11'),
    '00080018': text('UI', `2.25.9${index}.${series}.1`),
    '00080020': text('DA', study.date),
    '00080060': text('CS', study.modality),
    '00180015': text('CS', study.description.toUpperCase()),
    '00081030': text('LO', study.description),
    '0008103E': text('LO', `Series ${series}`),
    '00100010': text('PN', study.name),
    ...(study.id && { '00100020': text('LO', study.id) }),
    ...(study.issuer !== undefined && { '00100021': text('LO', study.issuer) }),
    '00100030': text('DA', '19700101'),
    '0020000D': text('UI', `2.25.9${index}`),
    '0020000E': text('UI', `2.25.9${index}.${series}`),
    '00200011': text('IS', String(series)),
    // A report without content would be said to be cut.
    '0040A730': sequence({ '0040A040': text('CS', 'CONTAINER') }),
  });
}
