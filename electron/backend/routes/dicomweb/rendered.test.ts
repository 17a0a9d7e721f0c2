// Sizes and regions of rendered pictures and thumbnails over the backend's own handler.
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { binary, numbers, text, type Dataset } from '#shared/testing/dicom-builder.ts';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';

const at = backendForEachTest();
const INSTANCE = '/dicomweb/studies/1.2.3.1/series/1.2.3.1.0/instances/1.2.3.1.1';

/** Each row has a value of its own. */
function image(rows: number, columns: number, more: Dataset = {}): Uint8Array {
  const pixels = Uint8Array.from({ length: rows * columns }, (_, index) => Math.floor(index / columns));
  return instance(1, 1, {
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
    '00280002': numbers('US', 1),
    '00280004': text('CS', 'MONOCHROME2'),
    '00280010': numbers('US', rows),
    '00280011': numbers('US', columns),
    '00280100': numbers('US', 8),
    '00280101': numbers('US', 8),
    '00280102': numbers('US', 7),
    '00280103': numbers('US', 0),
    '7FE00010': binary('OB', pixels),
    ...more,
  });
}
const COARSE_COLUMNS = { '00280030': text('DS', '4.0\\6.4') };
const COARSE_ROWS = { '00280030': text('DS', '2\\1') };

const get = (address: string): Promise<Response> => at.call('GET', `${INSTANCE}${address}`);

/** Width and height by the header of the PNG. */
async function sizeOf(address: string): Promise<[number, number]> {
  const response = await get(`${address}${address.includes('?') ? '&' : '?'}accept=image/png`);
  expect(response.status, address).toBe(200);
  const png = Buffer.from(await response.arrayBuffer());
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

async function store(file: Uint8Array): Promise<void> {
  await at.take(at.put('image.dcm', file));
}

describe('the size of a picture', () => {
  test.each([
    ['square pixels', {}, [64, 28]],
    ['columns far apart', COARSE_COLUMNS, [102, 28]],
    ['rows far apart', COARSE_ROWS, [64, 56]],
    ['a spacing beyond all measure', { '00280030': text('DS', '1\\1e12') }, [16384, 28]],
    ['an aspect ratio that is none', { '00280034': text('IS', '-1\\2') }, [64, 28]],
  ] as [string, Dataset, [number, number]][])('%s: no row and no column is left out', async (_name, more, size) => {
    await store(image(28, 64, more));
    expect(await sizeOf('/rendered')).toEqual(size);
  });

  test.each([
    ['/rendered?viewport=640,640', [640, 175]],
    ['/rendered?viewport=640,35', [128, 35]],
    ['/rendered?viewport=51,640', [51, 14]],
    ['/rendered?viewport=1,1', [1, 1]],
  ] as [string, [number, number]][])('%s is filled as far as the shape allows', async (address, size) => {
    await store(image(28, 64, COARSE_COLUMNS));
    expect(await sizeOf(address)).toEqual(size);
  });

  test.each([
    ['/thumbnail', [102, 28]],
    ['/thumbnail?viewport=51,51', [51, 14]],
    ['/thumbnail?viewport=640,640', [640, 175]],
    ['/thumbnail?viewport=5000,5000', [1024, 280]],
  ] as [string, [number, number]][])('%s is as large as is asked for, within bounds', async (address, size) => {
    await store(image(28, 64, COARSE_COLUMNS));
    expect(await sizeOf(address)).toEqual(size);
  });
});

describe('a region of the picture', () => {
  test.each([
    ['viewport=40,40,8,4,20,10', [40, 20], 4, 13],
    ['viewport=64,28,,20', [64, 8], 20, 27],
    ['viewport=64,28,,,,8', [64, 8], 0, 7],
    ['viewport=64,28,60.5,2.5,100,100', [4, 28], 2, 27],
  ] as [string, [number, number], number, number][])('%s', async (viewport, size, first, last) => {
    await store(image(28, 64));
    const response = await get(`/rendered?window=128,256,linear-exact&accept=image/png&${viewport}`);
    const png = Buffer.from(await response.arrayBuffer());
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    const idat = png.indexOf('IDAT');
    const lines = inflateSync(png.subarray(idat + 4, idat + 4 + png.readUInt32BE(idat - 4)));
    const shown = [lines[1], lines[(height - 1) * (1 + width * 3) + 1]];
    expect([[width, height], shown]).toEqual([size, [first, last]]);
  });
});

test.each([
  ['viewport=0,10', 'viewport width is a number from 1 to 8192.'],
  ['viewport=9000,10', 'viewport width is a number from 1 to 8192.'],
  ['viewport=10', 'viewport is width,height or, of a region, width,height,x,y,width,height.'],
  ['viewport=10,10,0,0,1,1,1', 'viewport is width,height or, of a region, width,height,x,y,width,height.'],
  ['viewport=10,10,0,0,-5,5', 'viewport source width is a number from 1 to 65535.'],
  ['viewport=10,10,64,0', 'The region begins outside of the picture of 64 by 28 pixels.'],
  ['viewport=10,10&viewport=20,20', 'viewport is given more than once.'],
  ['frame=2', 'frame is no parameter of a picture; it takes accept, annotation, charset, iccprofile, quality, viewport, window.'], // prettier-ignore
])('%s is refused in words', async (parameters, detail) => {
  await store(image(28, 64));
  for (const kind of ['rendered', 'thumbnail']) {
    const response = await get(`/${kind}?${parameters}`);
    expect([response.status, await response.json()]).toMatchObject([400, { detail }]);
  }
});
