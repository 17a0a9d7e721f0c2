// Drawing on grids of numbers: soft ellipses, smooth noise, letters. Deterministic; coordinates in pixels from the centre of
// the first pixel.

export interface Grid {
  columns: number;
  rows: number;
  values: Float32Array;
}

export const makeGrid = (columns: number, rows: number, value: number): Grid => ({
  columns,
  rows,
  values: new Float32Array(columns * rows).fill(value),
});

export interface Ellipse {
  x: number;
  y: number;
  rx: number;
  ry: number;
  /** Turned by this angle, radians clockwise. */
  angle?: number;
  /** Width of the soft edge as a part of the radius. */
  soft?: number;
}

/** Blends `value` into the grid inside the ellipse; `amount` 1 replaces what is there. */
export function drawEllipse(
  grid: Grid,
  { x, y, rx, ry, angle = 0, soft = 0.04 }: Ellipse,
  value: number,
  amount = 1,
): void {
  if (rx <= 0 || ry <= 0) return;
  const reach = Math.max(rx, ry) * (1 + soft) + 1;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [x0, x1] = [Math.max(0, Math.floor(x - reach)), Math.min(grid.columns - 1, Math.ceil(x + reach))];
  const [y0, y1] = [Math.max(0, Math.floor(y - reach)), Math.min(grid.rows - 1, Math.ceil(y + reach))];
  for (let row = y0; row <= y1; row++) {
    for (let column = x0; column <= x1; column++) {
      const [dx, dy] = [column - x, row - y];
      const distance = Math.hypot((dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry);
      const inside = Math.min(1, Math.max(0, (1 - distance) / soft + 0.5)) * amount;
      if (inside === 0) continue;
      const at = row * grid.columns + column;
      const before = grid.values[at] ?? 0;
      grid.values[at] = before + (value - before) * inside;
    }
  }
}

/** Pseudo-random numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Adds noise of about this standard deviation. */
export function addNoise(grid: Grid, deviation: number, seed: number): void {
  const random = randomFrom(seed);
  for (let at = 0; at < grid.values.length; at++)
    grid.values[at] = (grid.values[at] ?? 0) + (random() + random() + random() - 1.5) * deviation * 2;
}

const LETTERS: Record<string, readonly number[]> = {
  D: [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
  E: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
  M: [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001],
  O: [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
  L: [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
  R: [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
};

/** Writes letters of 5 x 7 cells, each `cell` pixels wide, from (x, y) to the right. */
export function drawLetters(grid: Grid, word: string, x: number, y: number, cell: number, value: number): void {
  for (const [index, letter] of [...word].entries()) {
    for (const [row, bits] of (LETTERS[letter] ?? []).entries()) {
      for (let column = 0; column < 5; column++) {
        if (!((bits >> (4 - column)) & 1)) continue;
        for (let dy = 0; dy < cell; dy++) {
          for (let dx = 0; dx < cell; dx++) {
            const [px, py] = [x + (index * 6 + column) * cell + dx, y + row * cell + dy];
            if (px >= 0 && py >= 0 && px < grid.columns && py < grid.rows) grid.values[py * grid.columns + px] = value;
          }
        }
      }
    }
  }
}

/** Little endian 16-bit words of the grid, rounded and clamped. */
export function toWords(grid: Grid, min: number, max: number): Uint8Array {
  const words = new Int16Array(grid.values.length);
  for (let at = 0; at < words.length; at++) words[at] = Math.round(Math.min(max, Math.max(min, grid.values[at] ?? 0)));
  return new Uint8Array(words.buffer);
}
