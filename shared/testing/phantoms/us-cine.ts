// Demo ultrasound: a colour cine of a beating made-up heart in a sector, with region calibration.
import { binary, numbers, sequence, text, writeFile } from '../dicom-builder.ts';
import { demoHeader, pixelModule, type DemoFile } from './demo-patient.ts';
import { drawLetters, makeGrid, randomFrom } from './drawing.ts';

const ROWS = 360;
const COLUMNS = 480;
const FRAMES = 30;
const APEX = { x: COLUMNS / 2, y: 18 };
const DEPTH_PIXELS = 320;

/** One frame as RGB bytes; `phase` 0 to 1 over the beat. */
function frame(phase: number, speckle: Float32Array): Uint8Array {
  const rgb = new Uint8Array(ROWS * COLUMNS * 3);
  const beat = 1 - 0.22 * Math.max(0, Math.sin(phase * Math.PI * 2));
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x < COLUMNS; x++) {
      const [dx, dy] = [x - APEX.x, y - APEX.y];
      const depth = Math.hypot(dx, dy);
      const angle = Math.atan2(dx, dy);
      if (depth > DEPTH_PIXELS || Math.abs(angle) > 0.65 || depth < 6) continue;
      const wall = Math.hypot((x - 235) / (66 * beat), (y - 175) / (104 * beat));
      const atrium = Math.hypot((x - 240) / (56 / beat), (y - 292) / (38 / beat));
      const echo = wall < 1 || atrium < 1 ? 0.06 : wall < 1.28 ? 0.62 : atrium < 1.14 ? 0.55 : 0.34;
      const grey = Math.min(255, 255 * echo * (speckle[y * COLUMNS + x] ?? 0) * (1 - depth / 900));
      const at = (y * COLUMNS + x) * 3;
      rgb.fill(grey, at, at + 3);
      const jet = Math.hypot((x - 238) / 24, (y - 240) / 46);
      if (jet < 1 && phase < 0.55) {
        const speed = (1 - jet) * Math.sin(phase * Math.PI * 1.8);
        rgb[at] = Math.min(255, 60 + 195 * Math.max(0, speed));
        rgb[at + 1] = Math.max(0, 140 * (speed - 0.55));
        rgb[at + 2] = 40 * (1 - speed);
      }
    }
  }
  return rgb;
}

export function* usCine(): Generator<DemoFile> {
  const study = {
    key: 'us-heart',
    date: '20261104',
    time: '080500',
    description: 'DEMO echocardiogram',
    accession: 'DEMO-US-1104',
  };
  yield {
    name: 'us-heart/cine.dcm',
    bytes: () => {
      const random = randomFrom(42);
      const speckle = Float32Array.from(
        { length: ROWS * COLUMNS },
        () => 0.35 + Math.sqrt(-Math.log(1 - random() * 0.98)) * 0.55,
      );
      const pixels = new Uint8Array(ROWS * COLUMNS * 3 * FRAMES);
      const letters = makeGrid(COLUMNS, ROWS, 0);
      drawLetters(letters, 'DEMO', 12, ROWS - 24, 2, 230);
      for (let index = 0; index < FRAMES; index++) {
        const rgb = frame(index / FRAMES, speckle);
        letters.values.forEach((value, at) => value > 0 && rgb.fill(value, at * 3, at * 3 + 3));
        pixels.set(rgb, index * rgb.length);
      }
      return writeFile({
        ...demoHeader(
          study,
          {
            number: 1,
            modality: 'US',
            description: 'Apical view, colour',
            bodyPart: 'HEART',
            sopClassUid: '1.2.840.10008.5.1.4.1.1.3.1',
          },
          1,
        ),
        ...pixelModule({
          rows: ROWS,
          columns: COLUMNS,
          bitsStored: 8,
          isSigned: false,
          photometric: 'RGB',
          samples: 3,
        }),
        '00080008': text('CS', 'ORIGINAL', 'PRIMARY', 'CARDIAC', '0001'),
        '00181063': text('DS', '33.3'),
        '00186011': sequence({
          '00186012': numbers('US', 1),
          '00186014': numbers('US', 1),
          '00186016': numbers('UL', 0),
          '00186018': numbers('UL', 0),
          '0018601A': numbers('UL', 0),
          '0018601C': numbers('UL', COLUMNS - 1),
          '0018601E': numbers('UL', ROWS - 1),
          '00186024': numbers('US', 3),
          '00186026': numbers('US', 3),
          '0018602C': numbers('FD', 0.05),
          '0018602E': numbers('FD', 0.05),
        }),
        '00280008': text('IS', String(FRAMES)),
        '00280009': { vr: 'AT', values: ['00181063'] },
        '00282110': text('CS', '00'),
        '7FE00010': binary('OW', pixels),
      });
    },
  };
}
