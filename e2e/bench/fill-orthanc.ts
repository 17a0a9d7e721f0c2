// Fills Orthanc with synthetic studies, for benches that search in many.
import { text, writeFile } from '../../shared/testing/dicom-builder.ts';
import { syntheticStudy } from './synthetic-studies.ts';

/** Loads Orthanc with one tiny object for each study unless it holds them already. */
export async function fillOrthanc(url: string, studies: number): Promise<void> {
  const { CountStudies } = (await (await fetch(`${url}/statistics`)).json()) as { CountStudies: number };
  if (CountStudies === studies) return;
  const queue = Array.from({ length: studies }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (const index of queue) {
        const study = syntheticStudy(index);
        const file = writeFile({
          '00080005': text('CS', 'ISO_IR 192'),
          '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
          '00080018': text('UI', `${study.studyUid}.1.1`),
          '00080020': text('DA', study.studyDate),
          '00080030': text('TM', study.studyTime),
          '00080050': text('SH', study.accession),
          '00080060': text('CS', study.modality),
          '00081030': text('LO', study.description),
          '00100010': text('PN', study.patientName),
          '00100020': text('LO', study.patientId),
          '00100030': text('DA', study.birthDate),
          '00100040': text('CS', study.sex),
          '0020000D': text('UI', study.studyUid),
          '0020000E': text('UI', `${study.studyUid}.1`),
        });
        const answer = await fetch(`${url}/instances`, { method: 'POST', body: file });
        await answer.arrayBuffer();
        if (!answer.ok) throw new Error(`Orthanc answered ${answer.status}`);
      }
    }),
  );
}
