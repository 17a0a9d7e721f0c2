// Sizes of rendered pictures and thumbnails over the backend's own handler.
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
});
