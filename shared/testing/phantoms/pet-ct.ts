// Demo PET/CT: coarse CT and PET of one frame of reference, activity in BQML with what SUV needs.
import { binary, numbers, sequence, text, writeFile, type Dataset } from '../dicom-builder.ts';
import { demoHeader, pixelModule, planeModule, uidOf, type DemoFile } from './demo-patient.ts';
import { addNoise, drawEllipse, drawLetters, makeGrid, toWords, type Grid } from './drawing.ts';
import { drawTrunkSlice } from './trunk-slice.ts';

const SLICES = 60;
const STEP_MM = 5;
const KEY = 'pet-ct';
const STUDY = {
  key: KEY,
  date: '20261105',
  time: '120000',
  description: 'DEMO PET/CT trunk',
  accession: 'DEMO-PT-1105',
};
const PET_SIZE = 144;
const PET_SPACING_MM = 2.8;
/** BQML of one stored unit. */
const SLOPE = 1.6;

function activity(slice: number): Grid {
  const height = slice / (SLICES - 1);
  const grid = makeGrid(PET_SIZE, PET_SIZE, 0);
  const draw = (x: number, y: number, rx: number, ry: number, value: number): void =>
    drawEllipse(
      grid,
      {
        x: PET_SIZE / 2 + x / PET_SPACING_MM,
        y: PET_SIZE / 2 + y / PET_SPACING_MM,
        rx: rx / PET_SPACING_MM,
        ry: ry / PET_SPACING_MM,
        soft: 0.5,
      },
      value,
    );
  draw(0, 0, 155, 104, 1500);
  if (height > 0.5) for (const side of [-1, 1]) draw(side * 76, -4, 44, 66, 700);
  const part = (from: number, to: number): number =>
    height <= from || height >= to ? 0 : Math.sin(((height - from) / (to - from)) * Math.PI);
  const [liver, heart, kidney] = [part(0.26, 0.56), part(0.5, 0.74), part(0.14, 0.4)];
  if (liver) draw(-50, -14, 78 * liver, 60 * liver, 5200);
  if (heart) {
    draw(34, -24, 34 * heart, 30 * heart, 9000);
    draw(34, -24, 18 * heart, 15 * heart, 2600);
  }
  if (kidney) for (const side of [-1, 1]) draw(side * 64, 40, 22 * kidney, 26 * kidney, 12000);
  if (height < 0.08) draw(0, -30, 34, 24, 26000);
  const lesion = Math.max(0, 1 - ((height - 0.82) / 0.035) ** 2);
  if (lesion) draw(-72, -30, 11, 11, 17000 * lesion);
  addNoise(grid, 160, slice);
  return grid;
}

const position = (size: number, spacingMm: number, slice: number): [number, number, number] => [
  -((size - 1) / 2) * spacingMm,
  -((size - 1) / 2) * spacingMm,
  -500 + slice * STEP_MM,
];

function radiopharmaceutical(): Dataset {
  return {
    '00180031': text('LO', 'FDG'),
    '00181072': text('TM', '105800'),
    '00181074': text('DS', '351000000'),
    '00181075': text('DS', '6586.2'),
    '00181076': text('DS', '0.967'),
  };
}

function petSlice(slice: number): Uint8Array<ArrayBuffer> {
  const grid = activity(slice);
  for (let at = 0; at < grid.values.length; at++) grid.values[at] = (grid.values[at] ?? 0) / SLOPE;
  drawLetters(grid, 'DEMO', 4, PET_SIZE - 10, 1, 9000);
  return writeFile({
    ...demoHeader(
      STUDY,
      {
        number: 3,
        modality: 'PT',
        description: 'PET attenuation corrected',
        bodyPart: 'CHESTABDOMEN',
        sopClassUid: '1.2.840.10008.5.1.4.1.1.128',
      },
      slice + 1,
    ),
    ...pixelModule({ rows: PET_SIZE, columns: PET_SIZE, bitsStored: 16, isSigned: false }),
    ...planeModule({
      positionLps: position(PET_SIZE, PET_SPACING_MM, slice),
      orientation: [1, 0, 0, 0, 1, 0],
      spacingMm: [PET_SPACING_MM, PET_SPACING_MM],
      thicknessMm: STEP_MM,
      frameOfReference: uidOf(KEY, 'frame'),
    }),
    '00080008': text('CS', 'ORIGINAL', 'PRIMARY'),
    '00080022': text('DA', STUDY.date),
    '00080031': text('TM', STUDY.time),
    '00080032': text('TM', STUDY.time),
    '00101030': text('DS', '68'),
    '00101020': text('DS', '1.66'),
    '00181242': text('IS', '180000'),
    '00280051': text('CS', 'NORM', 'DTIM', 'ATTN', 'SCAT', 'DECY'),
    '00281052': text('DS', '0'),
    '00281053': text('DS', String(SLOPE)),
    '00281050': text('DS', '8000'),
    '00281051': text('DS', '16000'),
    '00540016': sequence(radiopharmaceutical()),
    '00540081': numbers('US', SLICES),
    '00541000': text('CS', 'WHOLE BODY', 'IMAGE'),
    '00541001': text('CS', 'BQML'),
    '00541002': text('CS', 'EMISSION'),
    '00541102': text('CS', 'START'),
    '00541300': text('DS', '0'),
    '00541330': numbers('US', slice + 1),
    '7FE00010': binary('OW', toWords(grid, 0, 32767)),
  });
}

function ctSlice(slice: number): Uint8Array<ArrayBuffer> {
  const [size, spacingMm] = [256, 1.56];
  const grid = drawTrunkSlice({
    size,
    spacingMm,
    height: slice / (SLICES - 1),
    noise: 26,
    seed: slice + 900,
    noduleMm: 9,
  });
  return writeFile({
    ...demoHeader(
      STUDY,
      {
        number: 2,
        modality: 'CT',
        description: 'CT low dose',
        bodyPart: 'CHESTABDOMEN',
        sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      },
      slice + 1,
    ),
    ...pixelModule({ rows: size, columns: size, bitsStored: 16, isSigned: true }),
    ...planeModule({
      positionLps: position(size, spacingMm, slice),
      orientation: [1, 0, 0, 0, 1, 0],
      spacingMm: [spacingMm, spacingMm],
      thicknessMm: STEP_MM,
      frameOfReference: uidOf(KEY, 'frame'),
    }),
    '00080008': text('CS', 'ORIGINAL', 'PRIMARY', 'AXIAL'),
    '00180060': text('DS', '100'),
    '00185100': text('CS', 'HFS'),
    '00281050': text('DS', '40'),
    '00281051': text('DS', '400'),
    '00281052': text('DS', '0'),
    '00281053': text('DS', '1'),
    '00281054': text('LO', 'HU'),
    '7FE00010': binary('OW', toWords(grid, -1024, 3071)),
  });
}

export function* petCt(): Generator<DemoFile> {
  for (let slice = 0; slice < SLICES; slice++) {
    yield { name: `${KEY}/ct/${slice + 1}.dcm`, bytes: () => ctSlice(slice) };
    yield { name: `${KEY}/pt/${slice + 1}.dcm`, bytes: () => petSlice(slice) };
  }
}
