// Writes ICC profiles of one curve for all colours and a matrix (ICC.1:2010 F.3) for tests.

const word = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const fixed = (value: number): number[] => word(Math.round(value * 0x10000));
const name = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** A gamma (one value) or samples from 0 to 1 (ICC.1:2010 10.5). */
export const sampledCurve = (...values: number[]): number[] => [
  ...name('curv'),
  ...word(0),
  ...word(values.length),
  ...values
    .map((value) => Math.round(values.length === 1 ? value * 256 : value * 0xffff))
    .flatMap((value) => [value >> 8, value & 255]),
];
/** ICC.1:2010 10.16. */
export const parametricCurve = (kind: number, ...parameters: number[]): number[] => [
  ...name('para'),
  ...word(0),
  ...word(kind << 16),
  ...parameters.flatMap(fixed),
];

export interface IccParts {
  /** CIEXYZ of red, green and blue. */
  primaries: readonly (readonly [number, number, number])[];
  curve: readonly number[];
  space?: string;
  /** Tags besides those of matrix and curves. */
  more?: Readonly<Record<string, readonly number[]>>;
}

export function iccProfile({ primaries, curve, space = 'RGB ', more = {} }: IccParts): Uint8Array<ArrayBuffer> {
  const colors = ['r', 'g', 'b'].flatMap((color, at): [string, readonly number[]][] => [
    [`${color}XYZ`, [...name('XYZ '), ...word(0), ...(primaries[at] ?? []).flatMap(fixed)]],
    [`${color}TRC`, curve],
  ]);
  const tags = [...colors, ...Object.entries(more)];
  const table: number[] = [];
  const data: number[] = [];
  for (const [tag, bytes] of tags) {
    table.push(...name(tag), ...word(132 + tags.length * 12 + data.length), ...word(bytes.length));
    data.push(...bytes, ...Array<number>(-bytes.length & 3).fill(0));
  }
  const white = [0.9642, 1, 0.8249].flatMap(fixed);
  const header = [
    ...word(132 + table.length + data.length),
    ...word(0),
    ...word(0x04200000),
    ...name(`scnr${space}XYZ `),
    ...Array<number>(12).fill(0),
    ...name('acsp'),
    ...Array<number>(28).fill(0),
    ...white,
    ...Array<number>(48).fill(0),
  ];
  return Uint8Array.from([...header, ...word(tags.length), ...table, ...data]);
}
