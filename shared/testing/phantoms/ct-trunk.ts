// Demo CT of the trunk: one series, 512 x 512, a nodule that grew since the prior.
import { binary, numbers, text, writeFile } from '../dicom-builder.ts';
import { demoHeader, pixelModule, planeModule, uidOf, type DemoFile } from './demo-patient.ts';
import { toWords } from './drawing.ts';
import { drawTrunkSlice } from './trunk-slice.ts';

export interface CtStudy {
  key: string;
  date: string;
  description: string;
  slices: number;
  stepMm: number;
  nodules: number;
}

const SIZE = 512;
const SPACING_MM = 0.78;

export function* ctTrunk({ key, date, description, slices, stepMm, nodules }: CtStudy): Generator<DemoFile> {
  const study = { key, date, time: '091500', description, accession: `DEMO-${date.slice(2)}` };
  const series = {
    number: 2,
    modality: 'CT',
    description: `Portal venous ${stepMm} mm`,
    bodyPart: 'CHESTABDOMEN',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  };
  for (let slice = 0; slice < slices; slice++) {
    yield {
      name: `${key}/${String(slice + 1).padStart(4, '0')}.dcm`,
      bytes: () => {
        const grid = drawTrunkSlice({
          size: SIZE,
          spacingMm: SPACING_MM,
          height: slice / (slices - 1),
          noise: 11,
          seed: slice * 7 + slices,
          noduleMm: nodules,
        });
        return writeFile({
          ...demoHeader(study, series, slice + 1),
          ...pixelModule({ rows: SIZE, columns: SIZE, bitsStored: 16, isSigned: true }),
          ...planeModule({
            positionLps: [-(SIZE - 1) * SPACING_MM * 0.5, -(SIZE - 1) * SPACING_MM * 0.5 - 12, -620 + slice * stepMm],
            orientation: [1, 0, 0, 0, 1, 0],
            spacingMm: [SPACING_MM, SPACING_MM],
            thicknessMm: stepMm,
            frameOfReference: uidOf(key, 'frame'),
          }),
          '00080008': text('CS', 'ORIGINAL', 'PRIMARY', 'AXIAL'),
          '00180060': text('DS', '120'),
          '00180088': text('DS', String(stepMm)),
          '00181152': text('IS', '180'),
          '00185100': text('CS', 'HFS'),
          '00281050': text('DS', '40', '-550', '400'),
          '00281051': text('DS', '400', '1600', '1800'),
          '00281055': text('LO', 'Soft tissue', 'Lung', 'Bone'),
          '00281052': text('DS', '-1024'),
          '00281053': text('DS', '1'),
          '00281054': text('LO', 'HU'),
          '00280120': numbers('SS', -2000),
          '7FE00010': binary('OW', toWords({ ...grid, values: grid.values.map((value) => value + 1024) }, 0, 4095)),
        });
      },
    };
  }
}
