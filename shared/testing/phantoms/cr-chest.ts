// Demo radiograph of the chest in two views: the trunk phantom's attenuation summed along rays, MONOCHROME1 and
// MONOCHROME2, spacing at the imager only.
import { binary, text, writeFile } from '../dicom-builder.ts';
import { demoHeader, pixelModule, type DemoFile } from './demo-patient.ts';
import { addNoise, drawLetters, makeGrid, toWords, type Grid } from './drawing.ts';
import { drawTrunkSlice } from './trunk-slice.ts';

const VOXEL_MM = 3;
const VOXELS = 136;
const LEVELS = 150;
const ROWS = 1400;
const COLUMNS = 1190;
const SPACING_MM = 0.3;

/** Sum of attenuation, level by level from the shoulders down, along the back-front or the left-right axis. */
function project(isLateral: boolean): Grid {
  const sums = makeGrid(VOXELS, LEVELS, 0);
  for (let level = 0; level < LEVELS; level++) {
    const slice = drawTrunkSlice({
      size: VOXELS,
      spacingMm: VOXEL_MM,
      height: 1 - (level / LEVELS) * 0.68,
      noise: 0,
      seed: 1,
      noduleMm: 9,
    });
    for (let y = 0; y < VOXELS - 20; y++) {
      for (let x = 0; x < VOXELS; x++) {
        const hu = slice.values[y * VOXELS + x] ?? -1000;
        if (hu < -970) continue;
        const at = level * VOXELS + (isLateral ? y : x);
        sums.values[at] = (sums.values[at] ?? 0) + ((hu > 250 ? hu * 1.7 : hu) + 1000) / 1000;
      }
    }
  }
  return sums;
}

function enlarge(sums: Grid): Grid {
  const grid = makeGrid(COLUMNS, ROWS, 0);
  for (let row = 0; row < ROWS; row++) {
    const fy = (row / (ROWS - 1)) * (sums.rows - 1.001);
    for (let column = 0; column < COLUMNS; column++) {
      const fx = (column / (COLUMNS - 1)) * (sums.columns - 1.001);
      const [x, y] = [Math.floor(fx), Math.floor(fy)];
      const at = y * sums.columns + x;
      const [a = 0, b = 0, c = 0, d = 0] = [
        sums.values[at],
        sums.values[at + 1],
        sums.values[at + sums.columns],
        sums.values[at + sums.columns + 1],
      ];
      const sum = (a * (1 - fx + x) + b * (fx - x)) * (1 - fy + y) + (c * (1 - fx + x) + d * (fx - x)) * (fy - y);
      grid.values[row * COLUMNS + column] = 400 + 3100 * (1 - Math.exp(-sum / 34));
    }
  }
  return grid;
}

export function* crChest(): Generator<DemoFile> {
  const study = {
    key: 'cr-chest',
    date: '20261030',
    time: '101200',
    description: 'DEMO chest radiograph',
    accession: 'DEMO-CR-1030',
  };
  for (const [index, view] of (['PA', 'LL'] as const).entries()) {
    yield {
      name: `cr-chest/${view}.dcm`,
      bytes: () => {
        const isInverse = view === 'LL';
        const grid = enlarge(project(isInverse));
        addNoise(grid, 9, index + 5);
        drawLetters(grid, 'DEMO', 40, ROWS - 70, 5, 3900);
        if (!isInverse) drawLetters(grid, 'L', COLUMNS - 90, 60, 8, 3900);
        if (isInverse) for (let at = 0; at < grid.values.length; at++) grid.values[at] = 4095 - (grid.values[at] ?? 0);
        return writeFile({
          ...demoHeader(
            study,
            {
              number: index + 1,
              modality: 'CR',
              description: `Chest ${view}`,
              bodyPart: 'CHEST',
              sopClassUid: '1.2.840.10008.5.1.4.1.1.1',
            },
            1,
          ),
          ...pixelModule({
            rows: ROWS,
            columns: COLUMNS,
            bitsStored: 12,
            isSigned: false,
            photometric: isInverse ? 'MONOCHROME1' : 'MONOCHROME2',
          }),
          '00080008': text('CS', 'ORIGINAL', 'PRIMARY'),
          '00181164': text('DS', String(SPACING_MM), String(SPACING_MM)),
          '00185101': text('CS', view),
          '00200020': text('CS', isInverse ? 'P' : 'L', 'F'),
          '00200060': text('CS', ''),
          '00281050': text('DS', isInverse ? '2000' : '2100'),
          '00281051': text('DS', '3400'),
          '7FE00010': binary('OW', toWords(grid, 0, 4095)),
        });
      },
    };
  }
}
