// Display shutters of headers, those that cannot be drawn included; their colours against LittleCMS.
import { describe, expect, test } from 'vitest';
import { describeImage } from './image-description.ts';
import type { DicomJson } from './model.ts';
import { shuttersOf, type Shutters } from './shutters.ts';

const is = (...Value: number[]): DicomJson[string] => ({ vr: 'IS', Value });
const us = (...Value: number[]): DicomJson[string] => ({ vr: 'US', Value });
const shapes = (...Value: string[]): DicomJson => ({ '00181600': { vr: 'CS', Value } });
const edges = (left: number, right: number, upper: number, lower: number): DicomJson => ({
  '00181602': is(left),
  '00181604': is(right),
  '00181606': is(upper),
  '00181608': is(lower),
});
const circle = (radius: number): DicomJson => ({ '00181610': is(10, 20), '00181612': is(radius) });
const vertices = (...flat: number[]): DicomJson => ({ '00181620': is(...flat) });

function read(header: DicomJson): Shutters & { problems: string[] } {
  const problems: string[] = [];
  return { ...shuttersOf(header, problems), problems };
}

test('all three shapes at once', () => {
  const all = { ...edges(1, 5, 2, 4), ...circle(3), ...vertices(1, 1, 1, 9, 9, 1) };
  expect(read({ ...shapes('RECTANGULAR', 'CIRCULAR', 'POLYGONAL'), ...all })).toEqual({
    shutters: [
      { shape: 'RECTANGULAR', left: 1, right: 5, upper: 2, lower: 4 },
      { shape: 'CIRCULAR', row: 10, column: 20, radius: 3 },
      { shape: 'POLYGONAL', vertices: [[1, 1], [1, 9], [9, 1]] }, // prettier-ignore
    ],
    shutterRgb: [0, 0, 0],
    problems: [],
  });
});

test.each([
  ['RECTANGULAR', {}, 'edges (0018,1602 to 0018,1608)'],
  ['RECTANGULAR', { ...edges(1, 5, 2, 4), '00181608': is() }, 'edges'],
  ['RECTANGULAR', edges(5, 1, 2, 4), 'edges'],
  ['CIRCULAR', {}, 'center (0018,1610)'],
  ['CIRCULAR', circle(0), 'radius (0018,1612)'],
  ['POLYGONAL', vertices(1, 1, 9, 9), 'vertices (0018,1620)'],
  ['POLYGONAL', vertices(1, 1, 9, 9, 1, 9, 4), 'vertices'],
  ['BITMAP', { '00181623': us(0x6000) }, 'rectangular, circular and polygonal'],
])('a %s shutter of %j is not drawn, and that is said', (shape, more, why) => {
  const { shutters, problems } = read({ ...shapes(shape), ...more });
  expect(shutters).toEqual([]);
  expect(problems).toEqual([expect.stringMatching(`^The ${shape} shutter \\(0018,1600\\) is not drawn: .*`)]);
  expect(problems[0]).toContain(why);
});

describe('the colour of what is shut', () => {
  const of = (more: DicomJson) => read({ ...shapes('CIRCULAR'), ...circle(3), ...more });
  // Pillow 9.4 with LittleCMS, relative colorimetric from its Lab to its sRGB profile.
  test.each([
    [
      [32896, 32896, 32896],
      [119, 119, 119],
    ],
    [
      [32896, 43176, 25186],
      [166, 92, 172],
    ],
    [
      [51400, 27756, 48316],
      [183, 203, 72],
    ],
    [
      [15420, 40606, 38036],
      [99, 33, 28],
    ],
    [
      [65535, 32896, 32896],
      [254, 255, 254],
    ],
  ])('CIELab %j', (lab, wanted) => {
    const { shutterRgb, problems } = of({ '00181624': us(...lab), '00181622': us(0x8080) });
    expect(problems).toEqual([]);
    expect(Math.max(...shutterRgb.map((value, at) => Math.abs(value - (wanted[at] ?? 0))))).toBeLessThanOrEqual(1);
  });
  test('a grey where there is no colour', () =>
    expect(of({ '00181622': us(0x8080) }).shutterRgb).toEqual([128, 128, 128]));
  test('a colour of two numbers is none, and that is said', () =>
    expect(of({ '00181624': us(1, 2), '00181622': us(0xffff) })).toMatchObject({
      shutterRgb: [255, 255, 255],
      problems: [expect.stringContaining('(0018,1624)')],
    }));
});

test('the shutter of the frame comes before the shared one, that before that of the whole image', () => {
  const sq = (...Value: DicomJson[]): DicomJson[string] => ({ vr: 'SQ', Value });
  const rectangle = (left: number): DicomJson => ({ ...shapes('RECTANGULAR'), ...edges(left, 9, 1, 9) });
  const header: DicomJson = { '00280010': us(9), '00280011': us(9), '00280100': us(8), ...rectangle(1) };
  const shared: DicomJson = { ...header, '52009229': sq({ '00189472': sq(rectangle(2)) }) };
  const own: DicomJson = { ...shared, '52009230': sq({ '00189472': sq(rectangle(3)) }, {}) };
  const left = (dataset: DicomJson, frameIndex: number): unknown =>
    describeImage(dataset, frameIndex)?.shutters.map((shutter) => 'left' in shutter && shutter.left);
  expect([left(header, 0), left(shared, 0), left(own, 0), left(own, 1)]).toEqual([[1], [2], [3], [2]]);
});
