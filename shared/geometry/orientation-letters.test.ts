import { describe, expect, test } from 'vitest';
import { edgeLetters, lettersOf, toImage, toScreen } from './orientation-letters.ts';

const HUMAN = { orientation: undefined, patientOrientation: undefined, isQuadruped: false };
const AXIAL = { ...HUMAN, orientation: [1, 0, 0, 0, 1, 0] };
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
    expect(shown({ ...HUMAN, patientOrientation: ['L', 'P'] }, rotation, isFlipped)).toBe(expected);
  });

  // Independent of any trigonometry: a quarter turn clockwise moves each side's letters to the next side, a flip changes
  // left with right.
  test.each([
    ['axial', [1, 0, 0, 0, 1, 0]],
    ['sagittal', [0, 1, 0, 0, 0, -1]],
    ['coronal', [1, 0, 0, 0, 0, -1]],
    ['tilted axial', [0.9659, 0.2588, 0, -0.183, 0.683, 0.7071]],
    ['tilted sagittal', [0.2588, 0.9659, 0, 0.183, -0.049, -0.9819]],
  ])('%s: eight poses by moving letters round', (_, orientation) => {
    const plane = { ...HUMAN, orientation };
    const upright = edgeLetters(plane, { rotationDeg: 0, isFlipped: false });
    if (!upright) throw new Error('no letters');
    for (const isFlipped of [false, true]) {
      let { left, right } = upright;
      let { top, bottom } = upright;
      if (isFlipped) [left, right] = [right, left];
      for (const rotationDeg of [0, 90, 180, 270]) {
        expect(shown(plane, rotationDeg, isFlipped)).toBe(`${left} ${right} ${top} ${bottom}`);
        [top, right, bottom, left] = [left, top, right, bottom];
      }
    }
  });

  test('oblique planes carry two letters, the stronger first', () => {
    const tilt = (30 * Math.PI) / 180;
    expect(shown({ ...HUMAN, orientation: [1, 0, 0, 0, Math.cos(tilt), Math.sin(tilt)] }, 0, false)).toBe('R L AF PH');
    expect(lettersOf([0.1, -0.9, 0.4])).toBe('AH');
  });

  test('says nothing where the header says nothing', () => {
    expect(shown(HUMAN, 0, false)).toBe('none');
  });

  test('says nothing of a quadruped, whose directions have other names', () => {
    const oblique = { ...HUMAN, isQuadruped: true, orientation: [0.9659, 0.2588, 0, -0.183, 0.683, 0.7071] };
    expect(shown(oblique, 0, false)).toBe('none');
    expect(shown({ ...HUMAN, isQuadruped: true, patientOrientation: ['LE', 'CD'] }, 90, true)).toBe('none');
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
