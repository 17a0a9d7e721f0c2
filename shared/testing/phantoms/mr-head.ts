// Demo MR of the head: T1, T2 and FLAIR in oblique planes, non-square pixels in one of them.
import { binary, text, writeFile } from '../dicom-builder.ts';
import { demoHeader, pixelModule, planeModule, uidOf, type DemoFile } from './demo-patient.ts';
import { addNoise, drawLetters, makeGrid, toWords } from './drawing.ts';

type Vector = readonly [number, number, number];
/** Signal of skin fat, skull, liquor, grey, white matter, lesion. */
interface Contrast {
  fat: number;
  bone: number;
  csf: number;
  grey: number;
  white: number;
  lesion: number;
}

const TILT = (12 * Math.PI) / 180;
const [COS, SIN] = [Math.cos(TILT), Math.sin(TILT)];
const SERIES = [
  {
    number: 3,
    description: 'T1 axial oblique',
    contrast: { fat: 900, bone: 60, csf: 130, grey: 420, white: 610, lesion: 300 },
    row: [1, 0, 0],
    column: [0, COS, SIN],
    rows: 256,
    columns: 256,
    spacingMm: [0.9, 0.9],
    slices: 22,
    stepMm: 6,
  },
  {
    number: 4,
    description: 'T2 axial oblique',
    contrast: { fat: 620, bone: 50, csf: 1000, grey: 520, white: 380, lesion: 860 },
    row: [1, 0, 0],
    column: [0, COS, SIN],
    rows: 320,
    columns: 256,
    spacingMm: [0.72, 0.9],
    slices: 22,
    stepMm: 6,
  },
  {
    number: 5,
    description: 'FLAIR sagittal',
    contrast: { fat: 560, bone: 50, csf: 90, grey: 500, white: 400, lesion: 950 },
    row: [0.0349, 0.9994, 0],
    column: [0, 0, -1],
    rows: 256,
    columns: 256,
    spacingMm: [0.95, 0.95],
    slices: 20,
    stepMm: 6,
  },
  {
    number: 6,
    description: 'T1 coronal',
    contrast: { fat: 900, bone: 60, csf: 130, grey: 420, white: 610, lesion: 300 },
    row: [1, 0, 0],
    column: [0, SIN, -COS],
    rows: 256,
    columns: 256,
    spacingMm: [0.9, 0.9],
    slices: 20,
    stepMm: 7,
  },
] as const satisfies readonly {
  number: number;
  description: string;
  contrast: Contrast;
  row: Vector;
  column: Vector;
  rows: number;
  columns: number;
  spacingMm: readonly [number, number];
  slices: number;
  stepMm: number;
}[];

const inside = (x: number, y: number, z: number, rx: number, ry: number, rz: number): number =>
  Math.sqrt((x / rx) ** 2 + (y / ry) ** 2 + (z / rz) ** 2);

/** Signal at a point of the head, LPS mm from its middle. */
function signal(x: number, y: number, z: number, c: Contrast): number {
  const skin = inside(x, y, z, 78, 98, 92);
  if (skin > 1) return 12;
  if (skin > 0.945) return c.fat;
  if (inside(x, y, z, 72, 91, 85) > 0.96) return c.bone;
  const brain = inside(x, y + 2, z, 66, 84, 77);
  if (brain > 1) return c.csf;
  // Folds: the liquor reaches in between the gyri.
  const fold =
    Math.sin(x * 0.32 + Math.sin(z * 0.2) * 2) * Math.sin(y * 0.27 + Math.cos(x * 0.11) * 2) * Math.sin(z * 0.29 + 1);
  if (brain > 0.86 + 0.12 * fold && Math.abs(fold) > 0.35) return c.csf;
  if (Math.abs(x) < 1.6 && brain > 0.55 && y < 60) return c.csf;
  const side = Math.abs(x);
  if (inside(side - 13 - y * 0.05, y + 8, z - 12, 8, 32, 13) < 1 || inside(side - 22, y - 26, z - 2, 7, 16, 10) < 1)
    return c.csf;
  if (Math.abs(x) < 4 && inside(x, y, z + 4, 4, 14, 12) < 1) return c.csf;
  if (inside(side - 22, y - 2, z - 2, 11, 20, 12) < 1) return c.grey;
  if (inside(x + 34, y - 18, z - 30, 8, 7, 8) < 1) return c.lesion;
  if (brain > 0.8 + 0.1 * fold) return c.grey;
  return c.white;
}

export function* mrHead(): Generator<DemoFile> {
  const key = 'mr-head';
  const study = { key, date: '20261103', time: '143000', description: 'DEMO MR head', accession: 'DEMO-MR-1103' };
  for (const series of SERIES) {
    for (let slice = 0; slice < series.slices; slice++) {
      yield {
        name: `${key}/${series.number}/${String(slice + 1).padStart(3, '0')}.dcm`,
        bytes: () => mrSlice(study, series, slice),
      };
    }
  }
}

function mrSlice(
  study: { key: string; date: string; time: string; description: string; accession: string },
  series: (typeof SERIES)[number],
  slice: number,
): Uint8Array<ArrayBuffer> {
  const { row, column, rows, columns, spacingMm, slices, stepMm, contrast } = series;
  const normal: Vector = [
    row[1] * column[2] - row[2] * column[1],
    row[2] * column[0] - row[0] * column[2],
    row[0] * column[1] - row[1] * column[0],
  ];
  const along = (slice - (slices - 1) / 2) * stepMm;
  const origin = [0, 1, 2].map(
    (axis) =>
      (normal[axis] ?? 0) * along -
      ((columns - 1) / 2) * spacingMm[1] * (row[axis] ?? 0) -
      ((rows - 1) / 2) * spacingMm[0] * (column[axis] ?? 0),
  );
  const [ox = 0, oy = 0, oz = 0] = origin;
  const grid = makeGrid(columns, rows, 0);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const [u, v] = [i * spacingMm[1], j * spacingMm[0]];
      grid.values[j * columns + i] = signal(
        ox + u * row[0] + v * column[0],
        oy + u * row[1] + v * column[1],
        oz + u * row[2] + v * column[2],
        contrast,
      );
    }
  }
  addNoise(grid, 14, slice + series.number * 100);
  drawLetters(grid, 'DEMO', 8, rows - 16, 1, 1100);
  return writeFile({
    ...demoHeader(
      study,
      {
        number: series.number,
        modality: 'MR',
        description: series.description,
        bodyPart: 'HEAD',
        sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
      },
      slice + 1,
    ),
    ...pixelModule({ rows, columns, bitsStored: 12, isSigned: false }),
    ...planeModule({
      positionLps: [ox, oy, oz],
      orientation: [...row, ...column],
      spacingMm,
      thicknessMm: stepMm - 1,
      frameOfReference: uidOf(study.key, 'frame'),
    }),
    '00080008': text('CS', 'ORIGINAL', 'PRIMARY', 'M'),
    '00180020': text('CS', 'SE'),
    '00180021': text('CS', 'SK'),
    '00180022': text('CS', ''),
    '00180023': text('CS', '2D'),
    '00180080': text('DS', '4200'),
    '00180081': text('DS', series.number === 4 ? '96' : '12'),
    '00180087': text('DS', '3'),
    '00180088': text('DS', String(stepMm)),
    '00180091': text('IS', '1'),
    '00185100': text('CS', 'HFS'),
    '00281050': text('DS', '480'),
    '00281051': text('DS', '960'),
    '7FE00010': binary('OW', toWords(grid, 0, 4095)),
  });
}
