// QIDO-RS and STOW-RS over the backend's own handler: answers to what is asked wrong, cut lists, and the fate of each
// instance of a request.
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { numbers, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { backendForEachTest } from '#backend/routes/testing.ts';

const at = backendForEachTest();

const instance = (study: number, sop: number, changed: Dataset = {}): Uint8Array =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
    '00080018': text('UI', `1.2.3.${study}.${sop}`),
    '00080020': text('DA', `2024010${study}`),
    '00080060': text('CS', 'REG'),
    '00100010': text('PN', `Patient^${study}`),
    '00100020': text('LO', study === 3 ? '' : `P${study}`),
    '0020000D': text('UI', `1.2.3.${study}`),
    '0020000E': text('UI', `1.2.3.${study}.0`),
    '00200013': numbers('US', sop),
    ...changed,
  });

const call = (method: string, address: string): Promise<Response> =>
  at.backend.fetch(new Request(`http://127.0.0.1/api/dicomweb${address}`, { method, headers: { 'x-lectern': '1' } }));
const get = (address: string, headers: Record<string, string> = {}): Promise<Response> =>
  at.backend.fetch(
    new Request(`http://127.0.0.1/api/dicomweb${address}`, { headers: { 'x-lectern': '1', ...headers } }),
  );
const post = (
  address: string,
  contentType: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> =>
  at.backend.fetch(
    new Request(`http://127.0.0.1/api/dicomweb${address}`, {
      method: 'POST',
      headers: { 'x-lectern': '1', 'content-type': contentType, ...headers },
      body,
    }),
  );
const BOUNDARY = 'part-of-nothing';
const MULTIPART = `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`;
const multipart = (parts: readonly Uint8Array[], type = 'application/dicom'): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    Buffer.concat([
      ...parts.flatMap((part) => [
        Buffer.from(`--${BOUNDARY}\r\nContent-Type: ${type}\r\n\r\n`),
        part,
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`--${BOUNDARY}--\r\n`),
    ]),
  );
const store = (address: string, ...parts: Uint8Array[]): Promise<Response> =>
  post(address, MULTIPART, multipart(parts));
const items = (dataset: DicomJson, tag: string): DicomJson[] => (dataset[tag]?.Value ?? []) as DicomJson[];
const idsOf = async (response: Response, tag: string): Promise<unknown[]> =>
  response.status === 204 ? [] : ((await response.json()) as DicomJson[]).map((each) => each[tag]?.Value?.[0]);

describe('STOW-RS', () => {
  test('each instance has its fate: stored, duplicate, conflict, no DICOM, cut', async () => {
    await store('/studies', instance(1, 1));
    const response = await store(
      '/studies',
      instance(1, 1),
      instance(1, 1, { '00100010': text('PN', 'Else') }),
      instance(1, 2),
      Buffer.from('this is no DICOM'),
      instance(1, 3).subarray(0, 400),
    );
    expect(response.status).toBe(202);
    const answer = (await response.json()) as DicomJson;
    expect(items(answer, '00081199').map((each) => each['00081155']?.Value)).toEqual([['1.2.3.1.1'], ['1.2.3.1.2']]);
    expect(items(answer, '00081198').map((each) => each['00081197']?.Value)).toEqual([[0x0111], [0xc000], [0xc000]]);
    expect(await idsOf(await get('/instances'), '00080018')).toEqual(['1.2.3.1.1', '1.2.3.1.2']);
  });

  test('an instance of another study than the one addressed is refused, and not kept', async () => {
    const response = await store('/studies/1.2.3.1', instance(2, 1), instance(1, 1));
    expect(response.status).toBe(202);
    const answer = (await response.json()) as DicomJson;
    expect(items(answer, '00081198')).toMatchObject([
      { '00081155': { Value: ['1.2.3.2.1'] }, '00081197': { Value: [0xa900] } },
    ]);
    expect(await idsOf(await get('/instances'), '00080018')).toEqual(['1.2.3.1.1']);
    expect((await store('/studies/1.2.3.1', instance(2, 1))).status).toBe(409);
    expect(await idsOf(await get('/studies'), '0020000D')).toEqual(['1.2.3.1']);
  });

  test('a request that is cut anywhere keeps what came whole and never the part that did not', async () => {
    const whole = multipart([instance(1, 1), instance(1, 2)]);
    const second = multipart([instance(1, 1)]).length + 40;
    for (const length of [second, whole.length - 60]) {
      const response = await post('/studies', MULTIPART, whole.slice(0, length));
      expect(response.status, `${length}`).toBe(202);
      expect(await idsOf(await get('/instances'), '00080018')).toEqual(['1.2.3.1.1']);
    }
    expect(fs.readdirSync(path.join(at.folder, 'data', 'tmp'))).toEqual([]);
  });

  test('a repaired instance is stored with a warning, which the status says too (PS3.18 10.5.3)', async () => {
    const { '0020000E': _series, ...rest } = {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
      '00080018': text('UI', '1.2.3.9.1'),
      '00100020': text('LO', 'P9'),
      '0020000D': text('UI', '1.2.3.9'),
      '0020000E': text('UI', '1'),
    };
    const response = await store('/studies', writeFile(rest));
    expect(response.status).toBe(202);
    const answer = (await response.json()) as DicomJson;
    expect(items(answer, '00081199')).toMatchObject([{ '00081196': { Value: [0xb006] } }]);
  });

  test('a packed request is refused as that, not as a damaged one', async () => {
    const packed = Uint8Array.from(gzipSync(multipart([instance(1, 1)])));
    expect((await post('/studies', MULTIPART, packed, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test.each([
    ['application/dicom', ''],
    [MULTIPART, ''],
    [MULTIPART, 'no boundary'],
  ])('%s with nothing of an instance ("%s") is a bad request', async (type, body) => {
    const response = await post('/studies', type, Uint8Array.from(Buffer.from(body)));
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect(fs.readdirSync(path.join(at.folder, 'data', 'tmp'))).toEqual([]);
  });

  test.each([
    ['application/dicom+xml', 406],
    ['text/html, image/png', 406],
    ['application/dicom+json;q=0', 406],
    ['application/dicom+json', 200],
    ['application/json', 200],
    ['text/html, */*;q=0.1', 200],
  ])('an answer as %s: %i, and nothing is stored where there is none', async (accept, status) => {
    expect((await post('/studies', MULTIPART, multipart([instance(1, 1)]), { accept })).status).toBe(status);
    expect(await idsOf(await get('/instances'), '00080018')).toEqual(status === 200 ? ['1.2.3.1.1'] : []);
  });

  test('what failed is named by what its file said before the cut', async () => {
    const cut = instance(1, 3).subarray(0, 400);
    const named = {
      '00081150': { Value: ['1.2.840.10008.5.1.4.1.1.66'] },
      '00081155': { Value: ['1.2.3.1.3'] },
      '00081197': { Value: [0xc000] },
    };
    const whole = multipart([instance(1, 3)]);
    for (const response of [
      await post('/studies', 'application/dicom', Uint8Array.from(cut)),
      await store('/studies', cut),
      await post('/studies', MULTIPART, whole.slice(0, whole.length - 60)),
    ]) {
      expect(response.status).toBe(409);
      expect(items((await response.json()) as DicomJson, '00081198')).toMatchObject([named]);
    }
    const foreign = (await (await store('/studies', Buffer.from('this is no DICOM'))).json()) as DicomJson;
    expect(items(foreign, '00081198')).toEqual([{ '00081197': { vr: 'US', Value: [0xc000] } }]);
  });

  test.each([
    ['application/json', 415],
    ['application/dicom+json', 415],
    ['application/dicom+xml', 415],
    ['application/dicom ; transfer-syntax=*', 409],
    ['multipart/related; type="application/dicom+json"; boundary=x', 415],
    ['multipart/related; type="application/dicom"', 400],
    [MULTIPART, 400],
  ])('%s: %i', async (type, status) => {
    expect((await post('/studies', type, Uint8Array.from(Buffer.from(`--${BOUNDARY}--\r\n`)))).status).toBe(status);
  });
});

test.each([
  ['PUT', 405],
  ['PATCH', 405],
  ['DELETE', 405],
  ['OPTIONS', 204],
])('%s tells the methods of DICOMweb here: %i, and nothing happens', async (method, answer) => {
  await store('/studies', instance(1, 1));
  for (const [address, allowed] of [
    ['/studies', 'GET, HEAD, OPTIONS, POST'],
    ['/studies/1.2.3.1', 'GET, HEAD, OPTIONS, POST'],
    ['/studies/1.2.3.1/series/1.2.3.1.0/metadata', 'GET, HEAD, OPTIONS'],
    ['/series', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const { status, headers } = await call(method, address);
    expect([status, headers.get('allow')], address).toEqual([answer, allowed]);
  }
  expect((await call(method, '/nowhere')).status).toBe(404);
  expect(await idsOf(await get('/studies'), '0020000D')).toEqual(['1.2.3.1']);
});

describe('QIDO-RS', () => {
  beforeEach(async () => {
    await store('/studies', instance(1, 1), instance(1, 2), instance(2, 1), instance(3, 1));
  });

  test.each([
    ['/studies?PatientID=P1', ['1.2.3.1']],
    ['/studies?PatientID=p1', []],
    ['/studies?00100020=P*', ['1.2.3.2', '1.2.3.1']],
    ['/studies?PatientID=%22%22', ['1.2.3.3']],
    ['/studies?StudyDate=20240102-', ['1.2.3.3', '1.2.3.2']],
    ['/studies?StudyDate=-20240101', ['1.2.3.1']],
    ['/studies?StudyDate=-20240101%20', ['1.2.3.1']],
    ['/studies?StudyInstanceUID=1.2.3.1,1.2.3.3', ['1.2.3.3', '1.2.3.1']],
    ['/studies?PatientName=patient%5E2', ['1.2.3.2']],
    ['/studies?PatientName=2%20pat&fuzzymatching=true', ['1.2.3.2']],
    ['/studies?ModalitiesInStudy=REG&PatientID=P2', ['1.2.3.2']],
    ['/studies?ModalitiesInStudy=CT%5CREG&PatientID=P2', ['1.2.3.2']],
    ['/studies?PatientID=P1%5CP2', ['1.2.3.2', '1.2.3.1']],
    ['/studies?PatientID=P1%20', ['1.2.3.1']],
    ['/studies?PatientName=2%20pat&FuzzyMatching=true', ['1.2.3.2']],
    ['/studies?Limit=1', ['1.2.3.3']],
    ['/series?RequestAttributesSequence.ScheduledProcedureStepID=&PatientID=P1', ['1.2.3.1']],
    ['/studies?limit=1&offset=1', ['1.2.3.2']],
    ['/studies?offset=9', []],
  ])('%s', async (address, wanted) => {
    expect(await idsOf(await get(address), '0020000D')).toEqual(wanted);
  });

  test('dates as old objects write them are found by day and by range', async () => {
    await store('/studies', instance(4, 1, { '00080020': text('DA', '1995.06.26') }));
    for (const date of [
      '19950626',
      '1995.06.26',
      '1995.06.01-1995.06.30',
      '19950601-19950630',
      '19950626-',
      '-19950626',
      '19941231-19960101',
    ])
      expect(await idsOf(await get(`/studies?StudyDate=${date}`), '0020000D'), date).toContain('1.2.3.4');
    for (const date of ['19950627', '1995.06.27', '19950627-', '-19950625', '19960101-'])
      expect(await idsOf(await get(`/studies?StudyDate=${date}`), '0020000D'), date).not.toContain('1.2.3.4');
  });

  test('a list that is cut says so, a whole one does not', async () => {
    expect((await get('/studies?limit=2')).headers.get('warning')).toMatch(/^299 /);
    expect((await get('/studies?limit=3')).headers.get('warning')).toBeNull();
    expect((await get('/studies?limit=1&offset=2')).headers.get('warning')).toBeNull();
  });

  test('a list from an index that is to be made anew says that it is not whole, also where it is empty or cut', async () => {
    const { archive } = at.backend.open();
    await expect(
      archive.rebuild((done) => (done === 2 ? Promise.reject(new Error('cut')) : Promise.resolve())),
    ).rejects.toThrow('cut');
    const said = /^299 \S+ "Not all that is stored is listed/;
    for (const query of ['/studies', '/studies?PatientID=nobody', '/series', '/studies?limit=1'])
      expect((await get(query)).headers.get('warning'), query).toMatch(said);
    await archive.rebuild();
    expect((await get('/studies')).headers.get('warning')).toBeNull();
  });

  test.each([
    ['/studies?NoSuchKeyword=1', {}, 400],
    ['/studies?StudyDate=2024-01-01', {}, 400],
    ['/studies?StudyDate=20240102-20240101', {}, 400],
    ['/studies?00080030=25', {}, 400],
    ['/studies?limit=-1', {}, 400],
    ['/studies?limit=many', {}, 400],
    ['/studies?offset=1.5', {}, 400],
    ['/studies?limit=1&Limit=2', {}, 400],
    ['/studies?offset=1&offset=1', {}, 400],
    ['/studies?fuzzymatching=maybe', {}, 400],
    ['/studies?fuzzymatching=', {}, 400],
    ['/studies?fuzzymatching=False', {}, 200],
    ['/studies?includefield=PatientID&includefield=StudyDate', {}, 200],
    ['/studies?SliceThickness=1', {}, 400],
    ['/studies?includefield=NoSuchKeyword', {}, 400],
    ['/studies/..%2Fetc/series', {}, 400],
    ['/studies', { accept: 'text/html' }, 406],
    ['/studies', { accept: 'application/dicom+json' }, 200],
    ['/studies', { accept: 'text/html, application/json;q=0.5' }, 200],
    ['/studies', { accept: 'application/dicom+json;q=0' }, 406],
  ] as [string, Record<string, string>, number][])('%s with %j: %i', async (address, headers, status) => {
    expect((await get(address, headers)).status).toBe(status);
  });
});
