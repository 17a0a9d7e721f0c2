import { describe, expect, test } from 'vitest';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import type { StackFrame } from './frame-store.ts';
import { StackRange } from './stack-range.ts';

const described = (more: Partial<ImageDescription>): ImageDescription =>
  ({
    sopInstanceUid: '1.1',
    pixelKind: 'integer',
    bitsAllocated: 16,
    bitsStored: 12,
    highBit: 11,
    isSigned: false,
    photometric: 'MONOCHROME2',
    windows: [],
    voiFunction: 'LINEAR',
    voiLuts: [],
    ...more,
  }) as unknown as ImageDescription;
const placed: Partial<ImageDescription> = { positionLps: [0, 0, 0], orientation: [1, 0, 0, 0, 1, 0] };
const framed = (...words: number[]): DecodedFrame =>
  ({
    rows: 1,
    columns: words.length,
    samplesPerPixel: 1,
    photometric: 'MONOCHROME2',
    words: Uint16Array.from(words),
  }) as unknown as DecodedFrame;

const UNSET = (): undefined => undefined;

/** Frames of a stack, with the greatest value of each; `here` are decoded. */
class Stack {
  readonly stackFrames: StackFrame[];
  readonly here = new Set<string>();
  readonly #greatest: readonly number[];
  constructor(greatest: readonly number[], images: readonly Partial<ImageDescription>[]) {
    this.#greatest = greatest;
    this.stackFrames = images.map((more, at) => {
      const image = described({ sopInstanceUid: `1.${at}`, ...more });
      return { key: `${at}`, address: '', image };
    });
  }
  decodedOf(key: string): DecodedFrame | undefined {
    return this.here.has(key) ? framed(0, this.#greatest[Number(key)] ?? 0) : undefined;
  }
  /** What each frame shows at most, painted in the order of `painted`, each as it arrives. */
  shown(range: StackRange, ...painted: number[]): (number | false)[] {
    return painted.map((at) => {
      this.here.add(`${at}`);
      const frame = this.stackFrames[at] as StackFrame;
      const voi = range.voiFor(this.decodedOf(frame.key) as DecodedFrame, frame, this, UNSET);
      return voi.kind === 'window' && voi.center + voi.width / 2;
    });
  }
}
const slices = (...greatest: number[]): Stack =>
  new Stack(
    greatest,
    greatest.map(() => placed),
  );

describe('images without a window in the header', () => {
  test.each([
    ['slices of a volume', placed, placed, 3000],
    [
      'slices with a slope each',
      { ...placed, rescale: { slope: 2, intercept: 0, type: undefined } },
      { ...placed, rescale: { slope: 1, intercept: 0, type: undefined } },
      3000,
    ],
    ['frames of a clip', { frameIndex: 0, sopInstanceUid: '1.1' }, { frameIndex: 1, sopInstanceUid: '1.1' }, 100],
  ])('%s keep one brightness', (_name, first, second, greatest) => {
    const stack = new Stack([100, 3000], [first, second]);
    stack.here.add('0').add('1');
    expect(stack.shown(new StackRange(), 0, 1)).toEqual([greatest, greatest]);
    expect(stack.shown(new StackRange(), 1, 0)).toEqual([greatest, greatest]);
  });

  test.each([
    ['projections', {}, {}],
    ['slices of other bits', { ...placed }, { ...placed, bitsStored: 14, highBit: 13 }],
    ['a slice and a picture of another kind', placed, {}],
    ['slices with and without a rescale', placed, { ...placed, rescale: { slope: 1, intercept: 0, type: 'HU' } }],
  ])('%s have a range each', (_name, first, second) =>
    expect(new Stack([100, 3000], [first, second]).shown(new StackRange(), 0, 1)).toEqual([100, 3000]),
  );

  test('the middle slice gives the range, whichever was painted first', () => {
    const middleFirst = slices(100, 1000, 480).shown(new StackRange(), 1, 0, 2);
    expect(middleFirst).toEqual([1000, 1000, 1000]);
    expect(slices(100, 1000, 480).shown(new StackRange(), 0, 2, 1, 0, 2)).toEqual([100, 100, 1000, 1000, 1000]);
  });

  test('until it is here another stands for it, which is told', () => {
    const [stack, range] = [slices(100, 1000, 480), new StackRange()];
    const image = stack.stackFrames[0]?.image as ImageDescription;
    expect([range.keyFor(image), range.awaits('1')]).toEqual([undefined, false]);
    stack.shown(range, 0);
    expect([range.keyFor(image), range.awaits('1'), range.awaits('2')]).toEqual(['0', true, false]);
    stack.shown(range, 1);
    expect([range.keyFor(image), range.awaits('1')]).toEqual(['1', false]);
  });

  test('a window in the header is that of its image alone', () => {
    const windows = [{ center: 7, width: 4, explanation: '' }];
    const range = new StackRange();
    const stack = new Stack([100, 3000], [{ ...placed, windows }, placed]);
    expect(stack.shown(range, 0, 1)).toEqual([9, 3000]);
    expect(range.keyFor(stack.stackFrames[0]?.image as ImageDescription)).toBeUndefined();
  });

  test('a window that such images start with stands before the range, not before the header', () => {
    const start = { kind: 'window', center: 1, width: 2, function: 'LINEAR_EXACT' } as const;
    const windows = [{ center: 7, width: 4, explanation: '' }];
    const stack = new Stack([100, 3000], [{ ...placed, windows }, placed]);
    const voiOf = (at: number): unknown =>
      new StackRange().voiFor(framed(0, 9), stack.stackFrames[at] as StackFrame, stack, () => start);
    expect([voiOf(0), voiOf(1)]).toEqual([expect.objectContaining({ center: 7 }), start]);
  });
});
