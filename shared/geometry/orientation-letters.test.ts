import { describe, expect, test } from 'vitest';
import { edgeLetters, lettersOf, toImage, toScreen } from './orientation-letters.ts';

const AXIAL = { orientation: [1, 0, 0, 0, 1, 0], patientOrientation: undefined };
const shown = (image: Parameters<typeof edgeLetters>[0], rotationDeg: number, isFlipped: boolean): string => {
  const letters = edgeLetters(image, { rotationDeg, isFlipped });
  return letters ? `${letters.left} ${letters.right} ${letters.top} ${letters.bottom}` : 'none';
};

describe('orientation letters', () => {
  // All eight orientations of an axial slice: left, right, top, bottom. Known by hand.
  test.each([
    [0, false, 'R L A P'],
    [90, false, 'P A R L'],
    [180, false, 'L R P A'],
    [270, false, 'A P L R'],
    [0, true, 'L R A P'],
    [90, true, 'P A L R'],
    [180, true, 'R L P A'],
    [270, true, 'A P R L'],
  ])('axial turned by %i, flipped %s: %s', (rotation, isFlipped, expected) => {
    expect(shown(AXIAL, rotation, isFlipped)).toBe(expected);
    expect(shown({ orientation: undefined, patientOrientation: ['L', 'P'] }, rotation, isFlipped)).toBe(expected);
  });

  test('oblique planes carry two letters, the stronger first', () => {
    const tilt = (30 * Math.PI) / 180;
    expect(
      shown({ orientation: [1, 0, 0, 0, Math.cos(tilt), Math.sin(tilt)], patientOrientation: undefined }, 0, false),
    ).toBe('R L AF PH');
    expect(lettersOf([0.1, -0.9, 0.4])).toBe('AH');
  });

  test('says nothing where the header says nothing', () => {
    expect(shown({ orientation: undefined, patientOrientation: undefined }, 0, false)).toBe('none');
  });

  test('toImage undoes toScreen', () => {
    for (const pose of [
      { rotationDeg: 37, isFlipped: true },
      { rotationDeg: 250, isFlipped: false },
    ]) {
      const [x, y] = toScreen(pose, 0.3, -0.8);
      const [row, column] = toImage(pose, x, y);
      expect(row).toBeCloseTo(0.3);
      expect(column).toBeCloseTo(-0.8);
    }
  });
});
