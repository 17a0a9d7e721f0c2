// The DICOMweb client when one instance, one request or one answer of many goes wrong: the others must not suffer.
import type http from 'node:http';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { memorySink } from '#backend/sources/dimse/testing/memory-sink.ts';
import type { QueryAnswer, RetrieveResult } from '../source.ts';
import { serve } from './testing/scripted-server.ts';
import { createDicomwebSource } from './dicomweb-source.ts';
import { Turns } from '#backend/base/turns.ts';
import type { DicomwebAuth, TokenSource } from './node.ts';
import { createTokenSource } from './oauth.ts';

const signal = new AbortController().signal;
const sourceAt = (url: string, auth: DicomwebAuth = { kind: 'none' }): ReturnType<typeof createDicomwebSource> =>
  createDicomwebSource({ name: 'pacs', url, auth, timeouts: { connectMs: 2000, idleMs: 2000, retryAfterMs: 2000 } });
async function queryAt(url: string, auth?: DicomwebAuth): Promise<QueryAnswer[]> {
  const list: QueryAnswer[] = [];
  for await (const answer of sourceAt(url, auth).query({ level: 'study', keys: [], include: [] }, signal))
    list.push(answer);
  return list;
}
const json = (response: ServerResponse, body: unknown, headers: http.OutgoingHttpHeaders = {}): void =>
  void response.writeHead(200, { 'content-type': 'application/dicom+json', ...headers }).end(JSON.stringify(body));

test('UIDs are known without their padding, and an answer that is nested beyond all measure is an error in words', async () => {
  const rows = ['1.2.3\0', '1.2.3', '1.2.3 '].map((uid) => ({ '0020000D': { vr: 'UI', Value: [uid] } }));
  const padded = await serve((_request, response) => json(response, rows));
  expect(await queryAt(padded)).toMatchObject([{ kind: 'match', dataset: { '0020000D': { Value: ['1.2.3'] } } }]);
  const deep = `[${'{"00081199":{"Value":['.repeat(20_000)}${']}}'.repeat(20_000)}]`;
  const url = await serve((_request, response) => response.writeHead(200).end(deep));
  await expect(queryAt(url)).rejects.toThrow(
    'The answer of pacs to the query cannot be read: sequences are nested deeper than 64 levels.',
  );
});

describe('encodings that were not asked for', () => {
  const body = JSON.stringify([{ '0020000D': { vr: 'UI', Value: ['1.2.3'] } }]);
  test.each([
    ['gzip', gzipSync(body)],
    ['X-GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
  ])('%s is read', async (encoding, bytes) => {
    const headers = { 'content-type': 'application/dicom+json', 'content-encoding': encoding };
    const url = await serve((_request, response) => response.writeHead(200, headers).end(bytes));
    expect(await queryAt(url)).toMatchObject([{ kind: 'match', dataset: { '0020000D': { Value: ['1.2.3'] } } }]);
  });

  test.each([
    ['compress', Buffer.from('x')],
    ['gzip', gzipSync(body).subarray(0, 30)],
    ['gzip', Buffer.from('no gzip')],
  ])('%s that cannot be read is an error in words', async (encoding, bytes) => {
    const headers = { 'content-type': 'application/dicom+json', 'content-encoding': encoding };
    const url = await serve((_request, response) => response.writeHead(200, headers).end(bytes));
    await expect(queryAt(url)).rejects.toBeInstanceOf(LecternError);
  });

  test.each(['zstd', 'constructor'])('%s is named as one that was not asked for', async (encoding) => {
    const url = await serve((_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end('x'));
    await expect(queryAt(url)).rejects.toThrow(`pacs answers in the encoding ${encoding}, which was not asked for.`);
  });

  test('an answer that grows beyond all measure is let go, with its size', async () => {
    const headers = { 'content-type': 'application/dicom+json', 'content-encoding': 'gzip' };
    const megabyte = gzipSync(Buffer.alloc(1024 * 1024, '['));
    const url = await serve((_request, response) =>
      response.writeHead(200, headers).end(Buffer.concat(Array.from({ length: 300 }, () => megabyte))),
    );
    const patient = createDicomwebSource({ name: 'pacs', url, auth: { kind: 'none' } });
    const first = patient.query({ level: 'study', keys: [], include: [] }, signal)[Symbol.asyncIterator]().next();
    await expect(first).rejects.toThrow('The answer of pacs to the query is larger than 256 MB: ask for less.');
  });
});

describe('redirects and lists', () => {
  test.each(['http://', 'ftp://127.0.0.1/studies', 'file:///etc/passwd', 'data:,[]'])(
    'a redirect to %s is an error in words',
    async (location) => {
      const url = await serve((_request, response) => response.writeHead(302, { location }).end());
      await expect(queryAt(url)).rejects.toMatchObject({
        code: 'peer-protocol',
        message: 'pacs redirects to what is no address on the web.',
      });
    },
  );

  test('where the other address asks for the credentials, it is said that they stay with the node', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    const url = await serve((request, response) =>
      response.writeHead(308, { location: `${elsewhere}${request.url}` }).end(),
    );
    const auth = { kind: 'basic', user: 'reader', password: 'secret' } as const;
    await expect(queryAt(url, auth)).rejects.toThrow(
      `pacs sends us on to ${elsewhere}, which asks for credentials; they are shown to ${url} only.`,
    );
    expect(seen).toEqual([undefined]);
  });

  test('rows without a UID that come again and again come to an end', async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls++;
      json(response, [{ '00100020': { vr: 'LO', Value: ['P1'] } }], { warning: '299 pacs "There are more."' });
    });
    expect((await queryAt(url)).map(({ kind }) => kind)).toEqual(['match', 'notice']);
    expect(calls).toBe(2);
  });

  test('rows against the rules of DICOM JSON are read as far as they can be', async () => {
    const rows = [
      {
        '0020000d': { vr: 'UI', Value: '1.2.3' },
        '00080020': '20240102',
        '00201208': { vr: 'IS', Value: null },
        '00400275': { vr: 'SQ', Value: [{ '0040000a': { vr: 'LO' }, '00400007': { Value: ['x'] } }, null] },
      },
    ];
    expect(await queryAt(await serve((_request, response) => json(response, rows)))).toMatchObject([
      {
        dataset: {
          '0020000D': { vr: 'UI', Value: ['1.2.3'] },
          '00201208': { vr: 'IS' },
          '00400275': { Value: [{ '0040000A': { vr: 'LO' }, '00400007': { vr: 'LO', Value: ['x'] } }, null] },
        },
      },
    ]);
  });

  test('a list that breaks off is a broken connection, not an answer against the rules', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('[{');
      setImmediate(() => response.destroy());
    });
    await expect(queryAt(url)).rejects.toMatchObject({ code: 'peer-closed' });
  });

  test('an empty body is an empty list', async () => {
    expect(await queryAt(await serve((_request, response) => response.writeHead(200).end()))).toEqual([]);
  });

  test('no page is asked for that has more rows than servers allow', async () => {
    const limits: string[] = [];
    const url = await serve((request, response) => {
      limits.push(new URL(request.url ?? '', 'http://x').searchParams.get('limit') ?? '');
      json(response, []);
    });
    await queryAt(url);
    expect(limits).toEqual(['200']);
  });
});

test('a kept connection that the node has closed meanwhile is no failure', async () => {
  let calls = 0;
  const used = new WeakSet<object>();
  const url = await serve((request, response) => {
    calls++;
    // As if the server's time for idle connections ended on the way of the request.
    if (used.has(request.socket)) return void request.socket.destroy();
    used.add(request.socket);
    json(response, []);
  });
  const source = sourceAt(url);
  for (let round = 0; round < 3; round++)
    for await (const answer of source.query({ level: 'study', keys: [], include: [] }, signal)) expect(answer).toBe(0);
  expect(calls).toBe(5);
  await source.close();
});

test('the count of another study that is listed too is not the count of this one', async () => {
  const row = (uid: string, count: number): object => ({
    '0020000D': { vr: 'UI', Value: [uid] },
    '00201208': { vr: 'IS', Value: [count] },
  });
  const url = await serve((request, response) => {
    if (request.url?.startsWith('/studies?')) json(response, [row('1.2.8', 99), row('1.2.9', 1)]);
    else response.writeHead(200, { 'content-type': 'application/dicom' }).end('bytes');
  });
  const result = await sourceAt(url).retrieve({ studyUid: '1.2.9' }, memorySink(), () => undefined, signal);
  expect(result).toMatchObject({ expected: 1, received: 1 });
});

test('a series that the node cannot give keeps none of the others back', async () => {
  const url = await serve((request, response) => {
    if (request.url?.endsWith('/1.2.1')) response.writeHead(500).end();
    else response.writeHead(200, { 'content-type': 'application/dicom' }).end('bytes');
  });
  const retrieve = (...seriesUids: string[]): Promise<RetrieveResult> =>
    sourceAt(url).retrieve({ studyUid: '1.2', seriesUids }, memorySink(), () => undefined, signal);
  expect(await retrieve('1.2.1', '1.2.2')).toMatchObject({ received: 1, failed: [{}] });
  await expect(retrieve('1.2.1')).rejects.toThrow('HTTP 500');
});

describe('refresh tokens that are good for one use', () => {
  test('two pieces of work at a time do not spend the same one, and one that is cancelled loses none', async () => {
    let valid = 'r0';
    let issued = 0;
    const reused: string[] = [];
    const url = await serve((_request, response, body) => {
      const sent = new URLSearchParams(body.toString()).get('refresh_token') ?? '';
      if (sent !== valid) {
        reused.push(sent);
        return void response.writeHead(400).end('{"error":"invalid_grant"}');
      }
      valid = `r${++issued}`;
      setTimeout(() => json(response, { access_token: `a${issued}`, refresh_token: valid, expires_in: 3600 }), 50);
    });
    let kept = 'r0';
    const turns = new Turns();
    const tokens = (): TokenSource =>
      createTokenSource(
        { name: 'pacs', grant: 'authorization-code', tokenUrl: url, clientId: 'lectern' },
        {
          read: async () => kept,
          replace: async (_sent, next) => {
            kept = next ?? '';
            return true;
          },
          inTurn: (work) => turns.take('pacs', work),
        },
      );
    expect(await Promise.all([tokens(), tokens()].map((source) => source.token(undefined, signal)))).toEqual([
      'a1',
      'a2',
    ]);
    const cancelled = new AbortController();
    const work = tokens().token(undefined, cancelled.signal);
    setTimeout(() => cancelled.abort(new LecternError('conflict', 'Stopped.')), 10);
    await expect(work).rejects.toThrow('Stopped.');
    expect(await tokens().token(undefined, signal)).toBe('a4');
    expect({ kept, reused }).toEqual({ kept: 'r4', reused: [] });
  });
});

describe('instances one by one', () => {
  const selection = { studyUid: '1.2', seriesUid: '1.2.1', sopInstanceUids: ['1.2.1.1', '1.2.1.2', '1.2.1.3'] };
  const TYPE = { 'content-type': 'application/dicom' };

  test('one that the node refuses to give does not keep the others from coming', async () => {
    const url = await serve((request, response) => {
      if (request.url?.endsWith('.2')) response.writeHead(403).end();
      else response.writeHead(200, TYPE).end('bytes');
    });
    const result = await sourceAt(url).retrieve(selection, memorySink(), () => undefined, signal);
    expect(result).toMatchObject({ expected: 3, received: 2, failed: [{ sopInstanceUid: '1.2.1.2' }] });
  });

  test('what is no instance is told for the one that was asked for', async () => {
    const url = await serve((_request, response) => response.writeHead(200, TYPE).end('<html>'));
    const sink = memorySink({
      onFinish: () => ({ outcome: 'refused', reason: 'This is no DICOM file.', sizeBytes: 6 }),
    });
    const { failed } = await sourceAt(url).retrieve(selection, sink, () => undefined, signal);
    const { sopInstanceUids } = selection;
    expect(new Set(failed)).toEqual(
      new Set(sopInstanceUids.map((sopInstanceUid) => ({ sopInstanceUid, reason: 'This is no DICOM file.' }))),
    );
  });

  test('a data set in another form is no instance', async () => {
    const url = await serve((_request, response) => json(response, []));
    const work = sourceAt(url).retrieve(selection, memorySink(), () => undefined, signal);
    await expect(work).rejects.toThrow('pacs answered with application/dicom+json instead of instances.');
  });

  test('credentials that do not fit are no matter of instances', async () => {
    const url = await serve((_request, response) => response.writeHead(401).end());
    const work = sourceAt(url).retrieve(selection, memorySink(), () => undefined, signal);
    await expect(work).rejects.toThrow('refuses these credentials');
  });

  test.each([
    [408, 'peer-unreachable'],
    [502, 'peer-unreachable'],
    [504, 'peer-unreachable'],
    [401, 'peer-credentials'],
  ])('HTTP %d is of the node: the others are not asked for as long as it lasts', async (status, code) => {
    let calls = 0;
    const url = await serve((_request, response) => {
      if (++calls === 1) response.writeHead(200, TYPE).end('bytes');
      else response.writeHead(status).end();
    });
    const sopInstanceUids = Array.from({ length: 50 }, (_, at) => `1.2.1.${at}`);
    const work = sourceAt(url).retrieve({ ...selection, sopInstanceUids }, memorySink(), () => undefined, signal);
    await expect(work).rejects.toMatchObject({ code });
    expect(calls).toBeLessThan(10);
  });

  test.each([500, 200])('a token service that answers HTTP %d with a page fails no instance', async (status) => {
    const tokenUrl = await serve((_request, response) => response.writeHead(status).end('<h1>Welcome</h1>'));
    const tokens = createTokenSource(
      { name: 'pacs', grant: 'client-credentials', tokenUrl, clientId: 'lectern' },
      {
        read: async () => undefined,
        replace: async () => true,
        inTurn: (work) => work(),
      },
    );
    const work = sourceAt(tokenUrl, { kind: 'oauth', tokens }).retrieve(
      selection,
      memorySink(),
      () => undefined,
      signal,
    );
    await expect(work).rejects.toMatchObject({
      code: 'peer-unreachable',
      message: `The token service of pacs gave no token (HTTP ${status}).`,
    });
  });

  test('when the connection breaks, nothing is written any more once that is told', async () => {
    const url = await serve((request, response) => {
      if (request.url?.endsWith('.1')) return void response.destroy();
      response.writeHead(200, TYPE).write('by');
      setTimeout(() => response.end('tes'), 200);
    });
    const sink = memorySink();
    await expect(sourceAt(url).retrieve(selection, sink, () => undefined, signal)).rejects.toBeInstanceOf(LecternError);
    const before = sink.kept.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sink.kept).toHaveLength(before);
  });
});
