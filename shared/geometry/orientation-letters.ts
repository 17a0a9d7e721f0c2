// Which side of the patient lies at each edge of the screen (PS3.3 C.7.6.1.1.1, C.7.6.2.1.1), for any rotation and flip.

/** How an image lies on the screen: first flipped left-right if asked, then turned clockwise. */
export interface Pose {
  /** Degrees clockwise, any angle. */
  rotationDeg: number;
  isFlipped: boolean;
}

/** Screen vector (x right, y down) of an image vector (along a row, along a column; isotropic units). */
export function toScreen({ rotationDeg, isFlipped }: Pose, alongRow: number, alongColumn: number): [number, number] {
  const angle = (rotationDeg * Math.PI) / 180;
  const [x, y] = [isFlipped ? -alongRow : alongRow, alongColumn];
  return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
}

/** Image vector of a screen vector: the inverse of `toScreen`. */
export function toImage({ rotationDeg, isFlipped }: Pose, x: number, y: number): [number, number] {
  const angle = (-rotationDeg * Math.PI) / 180;
  const [u, v] = [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
  return [isFlipped ? -u : u, v];
}

const AXES = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
] as const;

/** Letters of an LPS direction, strongest first; parts below about 11 degrees are left out. */
export function lettersOf(lps: readonly number[]): string {
  return [0, 1, 2]
    .map((axis) => ({ letter: AXES[axis]?.[(lps[axis] ?? 0) > 0 ? 0 : 1] ?? '', size: Math.abs(lps[axis] ?? 0) }))
    .filter(({ size }) => size > 0.2)
    .sort((a, b) => b.size - a.size)
    .map(({ letter }) => letter)
    .join('');
}

const OPPOSITE: Record<string, string> = { L: 'R', R: 'L', A: 'P', P: 'A', H: 'F', F: 'H' };
const opposite = (letters: string): string => [...letters].map((letter) => OPPOSITE[letter] ?? '').join('');

export interface EdgeLetters {
  left: string;
  right: string;
  top: string;
  bottom: string;
}

/** Letters for the four edges; undefined when neither orientation nor Patient Orientation says anything, or the patient is no
 * biped (PS3.3 C.7.6.1.1.1). */
export function edgeLetters(
  image: {
    orientation: readonly number[] | undefined;
    patientOrientation: readonly [string, string] | undefined;
    isQuadruped: boolean;
  },
  pose: Pose,
): EdgeLetters | undefined {
  if (image.isQuadruped) return undefined;
  const letters = (x: number, y: number): string | undefined => {
    const [row, column] = toImage(pose, x, y);
    if (image.orientation) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = image.orientation;
      return lettersOf([row * a + column * d, row * b + column * e, row * c + column * f]);
    }
    if (!image.patientOrientation) return undefined;
    const [alongRow, alongColumn] = image.patientOrientation;
    if (Math.abs(row) > 0.7) return row > 0 ? alongRow : opposite(alongRow);
    if (Math.abs(column) > 0.7) return column > 0 ? alongColumn : opposite(alongColumn);
    return '';
  };
  const right = letters(1, 0);
  const bottom = letters(0, 1);
  if (right === undefined || bottom === undefined) return undefined;
  return { left: opposite(right), right, top: opposite(bottom), bottom };
}
