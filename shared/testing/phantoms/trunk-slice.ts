// One axial slice of a made-up trunk in Hounsfield units: lungs with vessels, heart, aorta, liver, kidneys, spine, ribs.
import { addNoise, drawEllipse, drawLetters, makeGrid, randomFrom, type Grid } from './drawing.ts';

export interface TrunkSlice {
  size: number;
  spacingMm: number;
  /** Height in the body, 0 pelvis to 1 shoulders. */
  height: number;
  noise: number;
  seed: number;
  /** Radius of the made-up nodule in the right upper lung, mm; 0: none. */
  noduleMm: number;
}

const bump = (height: number, from: number, to: number): number =>
  height <= from || height >= to ? 0 : Math.sin(((height - from) / (to - from)) * Math.PI);

export function drawTrunkSlice({ size, spacingMm, height, noise, seed, noduleMm }: TrunkSlice): Grid {
  const grid = makeGrid(size, size, -1000);
  // Millimetres from the middle of the slice, patient's left to the right of the picture, back below.
  const ellipse = (x: number, y: number, rx: number, ry: number, value: number, soft = 0.05, angle = 0): void =>
    drawEllipse(
      grid,
      { x: size / 2 + x / spacingMm, y: size / 2 + y / spacingMm, rx: rx / spacingMm, ry: ry / spacingMm, soft, angle },
      value,
    );
  const width = 168 - 20 * height * height + 6 * Math.sin(height * 5);
  const depth = 112 - 10 * height;
  ellipse(0, 150, 215, 8, 90, 0.3);
  ellipse(0, 0, width, depth, -100);
  ellipse(0, 2, width - 17, depth - 15, 48);
  drawLungs(ellipse, height);
  const heart = bump(height, 0.48, 0.76);
  if (heart > 0) {
    ellipse(24, -28, 12 + 48 * heart, 10 + 38 * heart, 60);
    ellipse(34, -20, 5 + 24 * heart, 4 + 22 * heart, 165, 0.1);
    ellipse(4, -40, 4 + 16 * heart, 4 + 16 * heart, 150, 0.1);
  }
  drawAbdomen(ellipse, height);
  ellipse(-6 + 14 * height, 46, 11, 11, 175, 0.12);
  drawBones(ellipse, height, width, depth);
  const nodule = noduleMm > 0 ? noduleMm * Math.sqrt(Math.max(0, 1 - ((height - 0.82) / 0.02) ** 2)) : 0;
  if (nodule > 0) ellipse(-72, -30, nodule, nodule * 0.85, 40, 0.25, 0.5);
  addNoise(grid, noise, seed);
  drawLetters(grid, 'DEMO', Math.round(size * 0.03), Math.round(size * 0.95), Math.max(1, Math.round(size / 256)), 900);
  return grid;
}

type Draw = (x: number, y: number, rx: number, ry: number, value: number, soft?: number, angle?: number) => void;

function drawLungs(ellipse: Draw, height: number): void {
  const lung = Math.min(1, Math.max(0, (height - 0.4) / 0.2)) * Math.min(1, Math.max(0, (1.04 - height) / 0.16));
  if (lung <= 0.02) return;
  for (const side of [-1, 1]) {
    const [cx, rx, ry] = [side * 76, 50 * lung, 76 * lung];
    ellipse(cx, -4, rx, ry, -855, 0.04, side * 0.1);
    const random = randomFrom(11 + side);
    for (let vessel = 0; vessel < 26; vessel++) {
      const reach = 0.12 + 0.8 * random();
      const angle = random() * Math.PI * 2 + height * (3 + 5 * random());
      const radius = (3.6 - 3 * reach) * (0.6 + 0.8 * random());
      ellipse(
        cx + rx * reach * Math.cos(angle),
        -4 + ry * reach * Math.sin(angle),
        radius,
        radius * 1.3,
        20,
        0.5,
        angle,
      );
    }
  }
  ellipse(-2, 4, 9, 8, -980, 0.15);
}

function drawAbdomen(ellipse: Draw, height: number): void {
  const liver = bump(height, 0.26, 0.56);
  if (liver > 0) ellipse(-58 + 20 * liver, -14, 82 * liver, 66 * liver, 108, 0.05, 0.2);
  const spleen = bump(height, 0.3, 0.52);
  if (spleen > 0) ellipse(98, 26, 26 * spleen, 40 * spleen, 118, 0.06, -0.4);
  const stomach = bump(height, 0.32, 0.52);
  if (stomach > 0) {
    ellipse(48, -32, 36 * stomach, 26 * stomach, 30, 0.06, 0.5);
    ellipse(46, -44, 24 * stomach, 10 * stomach, -900, 0.1, 0.2);
  }
  const kidney = bump(height, 0.14, 0.4);
  for (const side of [-1, 1]) {
    if (kidney > 0) {
      ellipse(side * 66, 40, 27 * kidney, 31 * kidney, 190, 0.06, side * 0.5);
      ellipse(side * 60, 40, 12 * kidney, 15 * kidney, 40, 0.15, side * 0.5);
    }
  }
  if (height < 0.34) {
    for (let loop = 0; loop < 9; loop++) {
      const angle = loop * 0.75 + height * 9;
      ellipse(68 * Math.cos(angle), -24 + 36 * Math.sin(angle), 17, 14, 35, 0.12);
      if (loop % 3 === 0) ellipse(68 * Math.cos(angle), -29 + 36 * Math.sin(angle), 8, 5, -850, 0.3);
    }
  }
}

function drawBones(ellipse: Draw, height: number, width: number, depth: number): void {
  const disc = Math.abs(((height * 22) % 1) - 0.5) < 0.12;
  ellipse(0, 66, 25, 20, disc ? 85 : 520, 0.06);
  if (!disc) ellipse(0, 66, 21, 16, 230, 0.1);
  ellipse(0, 88, 10, 9, 25, 0.1);
  for (const side of [-1, 1]) {
    ellipse(side * 14, 84, 5, 9, 620, 0.2, side * 0.5);
    ellipse(side * 26, 92, 15, 4, 560, 0.2, -side * 0.4);
  }
  ellipse(0, 106, 4, 13, 560, 0.2);
  if (height > 0.36) {
    for (let rib = 0; rib < 7; rib++) {
      const angle = 0.35 + rib * 0.42 + height * 14 - Math.floor((height * 14 + rib * 0.42) / 2.9) * 2.9;
      for (const side of [-1, 1]) {
        const [x, y] = [side * (width - 24) * Math.sin(angle), (depth - 21) * Math.cos(angle)];
        ellipse(x, y, 4.5, 9, 650, 0.2, -side * (angle - Math.PI / 2));
        ellipse(x, y, 2, 5, 280, 0.3, -side * (angle - Math.PI / 2));
      }
    }
    ellipse(0, -depth + 20, 15, 5, 420, 0.2);
  } else if (height < 0.16) {
    for (const side of [-1, 1]) {
      ellipse(side * 84, 34, 11, 54, 560, 0.1, side * 0.7);
      ellipse(side * 84, 34, 7, 48, 230, 0.1, side * 0.7);
    }
  }
}
