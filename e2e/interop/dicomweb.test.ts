// Foreign DICOMweb clients against Lectern's origin: Orthanc's plugin retrieves a study, dicomweb-client queries and reads.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, startCli, temporaryFolder } from '../support/lectern.ts';
import { hasOrthanc, startOrthanc } from '../support/peers.ts';
import { TEST_STUDY, testSlice, writeTestStudy } from '../support/test-study.ts';

const folder = temporaryFolder();
const { studyUid, seriesUid, slices } = TEST_STUDY;
let files: string[] = [];
let server: ReturnType<typeof startCli>;
let origin = '';
let token = '';
const get = (address: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(address.startsWith('http') ? address : `${origin}/api/dicomweb${address}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
const sopUid = (slice: number): string => `2.25.2${String(slice).padStart(3, '0')}`;

beforeAll(async () => {
  files = writeTestStudy(path.join(folder.path, 'source'));
  const imported = await runCli(folder.path, ['import', path.join(folder.path, 'source'), '--json']);
  expect(imported.code, imported.stderr).toBe(0);
  server = startCli(folder.path, ['serve']);
  for await (const line of createInterface({ input: server.stdout! })) {
    ({ origin, token } = JSON.parse(line) as { origin: string; token: string });
    break;
  }
});
afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  folder[Symbol.dispose]();
});

describe('DICOMweb origin', () => {
  test.each([
    ['PatientName=m%C3%BCller*', 1],
    ['PatientName=*%E5%B0%8F%E6%9D%B1', 1],
    ['PatientName=jorg%20mull&fuzzymatching=true', 1],
    ['PatientName=jorg%20mull', 0],
    ['PatientID=P-4711', 1],
    ['PatientID=p-4711', 0],
    ['PatientID=P-47??', 1],
    ['StudyDate=20240101-20241231', 1],
    ['StudyDate=-20240516', 0],
    ['StudyDate=20240517-', 1],
    ['ModalitiesInStudy=MR', 1],
    ['ModalitiesInStudy=mr', 0],
    [`StudyInstanceUID=1.2.3%5C${studyUid}`, 1],
    [`StudyInstanceUID=1.2.3,${studyUid}`, 1],
    ['0020000D=*', 1],
    ['AccessionNumber=ACC-77&StudyDescription=Knie*', 1],
  ])('QIDO studies?%s finds %i', async (query, count) => {
    const response = await get(`/studies?${query}`);
    expect(response.status).toBe(count ? 200 : 204);
    if (count) expect(await response.json()).toHaveLength(count);
  });

  test('QIDO pages with a warning, counts, and refuses what it does not know', async () => {
    const page = await get(`/studies/${studyUid}/series/${seriesUid}/instances?limit=5&offset=5`);
    expect(page.headers.get('warning')).toContain('299');
    expect((await page.json()) as unknown[]).toHaveLength(5);
    const rest = await get(`/studies/${studyUid}/series/${seriesUid}/instances?limit=5&offset=10`);
    expect(rest.headers.get('warning')).toBeNull();
    const [study] = (await (await get('/studies?includefield=all')).json()) as Record<string, { Value: unknown[] }>[];
    expect(study!['00201208']!.Value).toEqual([slices]);
    expect((await get('/studies?NoSuchKeyword=1')).status).toBe(400);
    expect((await get('/studies?limit=x')).status).toBe(400);
    expect((await get('/studies', { accept: 'application/xml' })).status).toBe(406);
  });

  test('WADO gives the bytes as imported, and frames as they are in the file', async () => {
    const instance = `/studies/${studyUid}/series/${seriesUid}/instances/${sopUid(3)}`;
    const whole = await get(instance, { accept: 'application/dicom; transfer-syntax=*' });
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(bytes.equals(fs.readFileSync(files[3]!))).toBe(true);
    const frame = await get(`${instance}/frames/1`, { accept: 'application/octet-stream' });
    expect(frame.headers.get('content-type')).toBe('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1');
    const pixels = Buffer.from(await frame.arrayBuffer());
    expect(bytes.subarray(bytes.length - pixels.length).equals(pixels)).toBe(true);
    expect((await get(`${instance}/frames/2`)).status).toBe(404);
    expect((await get(`${instance}/frames/0`)).status).toBe(400);
    expect((await get(instance, { accept: 'application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90' })).status).toBe(
      406,
    );
    const [metadata] = (await (await get(`${instance}/metadata`)).json()) as Record<
      string,
      { BulkDataURI?: string; Value?: unknown[] }
    >[];
    const bulk = await get(metadata!['7FE00010']!.BulkDataURI!);
    expect(Buffer.from(await bulk.arrayBuffer()).equals(pixels)).toBe(true);
  });

  test('rendered pictures keep to the window asked for', async () => {
    const instance = `/studies/${studyUid}/series/${seriesUid}/instances/${sopUid(0)}/rendered`;
    const [plain, other] = await Promise.all([
      get(instance, { accept: 'image/png' }),
      get(`${instance}?window=100,50,linear`, { accept: 'image/png' }),
    ]);
    expect(plain.headers.get('content-type')).toBe('image/png');
    const digest = async (response: Response): Promise<string> =>
      createHash('sha1')
        .update(Buffer.from(await response.arrayBuffer()))
        .digest('hex');
    expect(await digest(plain)).not.toBe(await digest(other));
    expect((await get(instance, { accept: 'image/jpeg' })).headers.get('content-type')).toBe('image/jpeg');
    expect((await get(`${instance}?window=x`, {})).status).toBe(400);
  });

  test('STOW tells the fate of each part', async () => {
    const part = (body: Uint8Array): Buffer =>
      Buffer.concat([Buffer.from('--B\r\nContent-Type: application/dicom\r\n\r\n'), body, Buffer.from('\r\n')]);
    const other = testSlice(0, {
      '00080018': { vr: 'UI', values: ['2.25.77'] },
      '0020000D': { vr: 'UI', values: ['2.25.78'] },
      '0020000E': { vr: 'UI', values: ['2.25.79'] },
    });
    const store = (...parts: Buffer[]): Promise<Response> =>
      fetch(`${origin}/api/dicomweb/studies`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'multipart/related; type="application/dicom"; boundary=B',
        },
        body: Buffer.concat([...parts, Buffer.from('--B--')]),
      });
    const mixed = await store(
      part(other),
      part(Buffer.from('no DICOM')),
      part(testSlice(0, { '00100010': { vr: 'PN', values: ['Else^Somebody'] } })),
    );
    expect(mixed.status).toBe(202);
    const answer = (await mixed.json()) as Record<string, { Value: unknown[] }>;
    expect(answer['00081199']!.Value).toHaveLength(1);
    expect(answer['00081198']!.Value).toHaveLength(2);
    expect((await store(part(Buffer.from('x')))).status).toBe(409);
    expect((await store(part(other))).status).toBe(200);
  });

  test('nobody without the token, no other host name, no other origin', async () => {
    expect((await fetch(`${origin}/api/dicomweb/studies`)).status).toBe(401);
    expect((await get('/studies', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await get('/studies', { origin: 'http://evil.example' })).status).toBe(403);
  });

  test.skipIf(!hasOrthanc)('Orthanc retrieves the study from Lectern, byte for byte', async () => {
    const orthanc = startOrthanc({ home: path.join(folder.path, 'peers'), firstPort: 21400 });
    try {
      const ask = (method: string, address: string, body?: unknown): Promise<Response> =>
        fetch(`${orthanc.url}${address}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
      await ask('PUT', '/dicom-web/servers/lectern', {
        Url: `${origin}/api/dicomweb/`,
        HttpHeaders: { Authorization: `Bearer ${token}` },
      });
      const retrieved = await ask('POST', '/dicom-web/servers/lectern/retrieve', { Resources: [{ Study: studyUid }] });
      expect(retrieved.status, await retrieved.clone().text()).toBe(200);
      const instances = (await (await ask('GET', '/instances')).json()) as string[];
      expect(instances).toHaveLength(slices);
      const digests = new Set(files.map((file) => createHash('sha1').update(fs.readFileSync(file)).digest('hex')));
      for (const id of instances) {
        const bytes = Buffer.from(await (await ask('GET', `/instances/${id}/file`)).arrayBuffer());
        expect(digests.has(createHash('sha1').update(bytes).digest('hex'))).toBe(true);
      }
    } finally {
      orthanc.stop();
    }
  });
});
