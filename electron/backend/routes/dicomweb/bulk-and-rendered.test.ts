// Bulk data and rendered pictures over the backend's own handler: byte order, overlays that are not in the header, remarks.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binary, numbers, sequence, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import { iccProfile, sampledCurve } from '#shared/testing/icc-profile-builder.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { createBackend, type Backend } from '#backend/app.ts';
import { localPeople } from '#backend/people/people.ts';
import { encodeJpeg } from '#backend/rendering/encode-jpeg.ts';

const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const INSTANCE = '/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.5';

let folder = '';
let backend: Backend;
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-bulk-'));
  backend = await createBackend({
    dataDir: path.join(folder, 'data'),
    keyDir: path.join(folder, 'keys'),
    version: 'test',
    shell: 'browser',
    isResident: true,
    people: localPeople('tester'),
    onBug: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await backend.close();
  fs.rmSync(folder, { recursive: true });
});

const UIDS: Dataset = {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
  '00080018': text('UI', '1.2.3.4.5'),
  '0020000D': text('UI', '1.2.3'),
  '0020000E': text('UI', '1.2.3.4'),
};

function imageOf(side: number, frameCount: number, value: number, more: Dataset = {}): Dataset {
  return {
    ...UIDS,
    '00280002': numbers('US', 1),
    '00280004': text('CS', 'MONOCHROME2'),
    '00280008': text('IS', String(frameCount)),
    '00280010': numbers('US', side),
    '00280011': numbers('US', side),
    '00280100': numbers('US', 8),
    '00280101': numbers('US', 8),
    '00280102': numbers('US', 7),
    '00280103': numbers('US', 0),
    '7FE00010': binary('OB', new Uint8Array(side * side * frameCount).fill(value)),
    ...more,
  };
}

/** An overlay over the whole picture, all set. */
const overlay = (side: number, more: Dataset = {}): Dataset => ({
  '60000010': numbers('US', side),
  '60000011': numbers('US', side),
  '60000040': text('CS', 'G'),
  '60000050': numbers('SS', 1, 1),
  '60000100': numbers('US', 1),
  '60000102': numbers('US', 0),
  '60003000': binary('OW', new Uint8Array((side * side) / 8).fill(0xff)),
  ...more,
});

const get = (address: string, accept = '*/*'): Promise<Response> =>
  backend.fetch(new Request(`http://127.0.0.1/api/dicomweb${address}`, { headers: { 'x-lectern': '1', accept } }));

async function store(file: Uint8Array<ArrayBuffer>, status = 200): Promise<void> {
  const response = await backend.fetch(
    new Request('http://127.0.0.1/api/dicomweb/studies', {
      method: 'POST',
      headers: { 'x-lectern': '1', 'content-type': 'application/dicom' },
      body: file,
    }),
  );
  expect(response.status).toBe(status);
}

/** Red samples of a PNG as we write them: one IDAT, no filters. */
async function redOf(response: Response, width: number): Promise<Set<number>> {
  expect(response.status).toBe(200);
  const png = Buffer.from(await response.arrayBuffer());
  const at = png.indexOf('IDAT');
  const lines = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  return new Set(lines.filter((_, index) => (index % (1 + width * 3)) % 3 === 1));
}
const WINDOW = 'window=128,256,linear-exact';

test.each([BIG_ENDIAN, '1.2.840.10008.1.2.1'])('%s: bulk data other than pixels is little endian', async (syntax) => {
  const isBig = syntax === BIG_ENDIAN;
  const samples = Buffer.alloc(4000);
  for (let i = 0; i < 2000; i++) samples.writeInt16LE(i, i * 2);
  if (isBig) samples.swap16();
  await store(
    writeFile({ ...UIDS, '54000100': sequence({ '54001010': binary('OW', samples) }) }, { transferSyntaxUid: syntax }),
    202,
  );
  const [metadata] = (await (await get(`${INSTANCE}/metadata`)).json()) as DicomJson[];
  const item = metadata?.['54000100']?.Value?.[0] as DicomJson;
  const address = new URL(item['54001010']?.BulkDataURI ?? '').pathname.replace('/api/dicomweb', '');
  const bytes = Buffer.from(await (await get(address)).arrayBuffer());
  expect(bytes.readInt16LE(2)).toBe(1);
  expect(bytes.readInt16LE(3998)).toBe(1999);
});

test('several frames of which one is absent are 404 before anything is answered', async () => {
  await store(writeFile(imageOf(64, 3, 0)));
  for (const [numbers, status] of [
    ['1,3', 200],
    ['1,4', 404],
    ['4,1', 404],
    ['1,0', 400],
  ] as const) {
    const response = await get(`${INSTANCE}/frames/${numbers}`, 'multipart/related; type="application/octet-stream"');
    expect(response.status, numbers).toBe(status);
    await response.arrayBuffer();
  }
});

describe('overlays in rendered pictures', () => {
  test.each([64, 1024])('over a picture of %i pixels a side, too large for the header or not', async (side) => {
    await store(writeFile(imageOf(side, 1, 0, overlay(side))));
    expect([...(await redOf(await get(`${INSTANCE}/rendered?${WINDOW}`, 'image/png'), side))]).toEqual([255]);
  });

  test.each([
    ['neither count nor first frame: every frame', {}, [1, 2, 3]],
    ['a first frame', { '60000051': numbers('US', 2) }, [2]],
    ['one frame', { '60000015': text('IS', '1') }, [1]],
    ['one frame and a first frame', { '60000015': text('IS', '1'), '60000051': numbers('US', 3) }, [3]],
    [
      'two frames from the second on',
      {
        '60000015': text('IS', '2'),
        '60000051': numbers('US', 2),
        '60003000': binary('OW', new Uint8Array(1024).fill(0xff)),
      },
      [2, 3],
    ],
  ])('%s', async (_name, stated, wanted) => {
    await store(writeFile(imageOf(64, 3, 0, overlay(64, stated))));
    const shown: number[] = [];
    for (const frame of [1, 2, 3])
      if ((await redOf(await get(`${INSTANCE}/frames/${frame}/rendered?${WINDOW}`, 'image/png'), 64)).has(255))
        shown.push(frame);
    expect(shown).toEqual(wanted);
  });
});

test('pictures are kept by no browser, and a thumbnail is that of the instance that stands now', async () => {
  await store(writeFile(imageOf(64, 1, 0)));
  const thumbnail = async (): Promise<Set<number>> => {
    const response = await get(`${INSTANCE}/thumbnail?${WINDOW}`, 'image/png');
    expect(response.headers.get('cache-control')).toBe('no-store');
    return redOf(response, 64);
  };
  const first = await thumbnail();
  expect(await thumbnail()).toEqual(first);
  await store(writeFile(imageOf(64, 1, 200)), 409);
  const { archive } = backend.open();
  await archive.preferConflict(archive.index.conflicts()[0]?.id ?? 0);
  expect(await thumbnail()).not.toEqual(first);
});

test.each([
  [
    'annotation=patient,technique',
    '299 127.0.0.1 "The following annotation values are not supported: patient,technique."',
  ],
  ['annotation="%0d%0aX: 1', '299 127.0.0.1 "The following annotation values are not supported: X 1."'],
  ['iccprofile=srgb', '299 127.0.0.1 "No ICC profile is included."'],
  ['iccprofile=no', null],
])('%s: what is not supported is said', async (parameters, warning) => {
  await store(writeFile(imageOf(64, 1, 0)));
  const response = await get(`${INSTANCE}/rendered?${WINDOW}&${parameters}`, 'image/png');
  expect([response.status, response.headers.get('warning')]).toEqual([200, warning]);
});

test('a rendered picture says in a warning what the viewer marks', async () => {
  const jpeg = encodeJpeg(new Uint8ClampedArray(64 * 64 * 4).fill(99), 64, 64, 90);
  for (const [length, warning] of [
    [jpeg.length, null],
    [
      jpeg.length - 2,
      '299 127.0.0.1 "The end marker of the image data is missing; what belongs before it is complete."',
    ],
  ] as const) {
    const { '7FE00010': _native, ...image } = imageOf(64, 1, 0, { '00080018': text('UI', `1.2.3.4.${length}`) });
    await store(
      writeFile(image, {
        transferSyntaxUid: JPEG_BASELINE,
        frames: [[jpeg.subarray(0, length)]],
      }),
    );
    const response = await get(`/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.${length}/rendered`, 'image/png');
    expect(response.status).toBe(200);
    expect(response.headers.get('warning')).toBe(warning);
  }
  await store(writeFile(imageOf(64, 1, 0, { '00281053': text('DS', '0'), '00281052': text('DS', '0') })));
  expect((await get(`${INSTANCE}/rendered`, 'image/png')).headers.get('warning')).toBe(
    '299 127.0.0.1 "The rescale slope is zero; values are shown as stored."',
  );
});

test('a warning quotes what the file says, whatever letters it has', async () => {
  const shape: Dataset = { '00080005': text('CS', 'ISO_IR 192'), '00181600': text('CS', '円"形') };
  await store(writeFile(imageOf(64, 1, 0, shape)));
  const response = await get(`${INSTANCE}/rendered`, 'image/png');
  expect(response.status).toBe(200);
  expect(response.headers.get('warning')).toMatch(
    /^299 127\.0\.0\.1 "The [?]+ shutter \(0018,1600\) is not drawn: [^"]*"$/,
  );
});

test('colours are shown by the profile of the image', async () => {
  const primaries = [[0.7977, 0.288, 0], [0.1352, 0.7119, 0], [0.0313, 0.0001, 0.8249]] as const; // prettier-ignore
  await store(
    writeFile(
      imageOf(64, 1, 0, {
        '00280002': numbers('US', 3),
        '00280004': text('CS', 'RGB'),
        '00280006': numbers('US', 0),
        '00282000': binary('OB', iccProfile({ primaries, curve: sampledCurve(1.8) })),
        '7FE00010': binary('OB', new Uint8Array(64 * 64 * 3).fill(40)),
      }),
    ),
  );
  const response = await get(`${INSTANCE}/rendered`, 'image/png');
  expect(response.headers.get('warning')).toBeNull();
  // By LittleCMS (shared/dicom/icc-profile.test.ts).
  expect(await redOf(response, 64)).toEqual(new Set([53]));
});
