// The DICOMweb client against a scripted server: what real ones do only now and then.
import type http from 'node:http';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { InstanceSink, OutgoingInstance, QueryAnswer, QueryRequest, StoreOutcome } from '../source.ts';
import { serve, type Handler } from './testing/scripted-server.ts';
import { createDicomwebSource } from './dicomweb-source.ts';
import { waitAskedIn } from './http-client.ts';
import type { DicomwebAuth } from './node.ts';
import { createTokenSource } from './oauth.ts';

const signal = new AbortController().signal;
const sourceAt = (url: string, auth: DicomwebAuth = { kind: 'none' }): ReturnType<typeof createDicomwebSource> =>
  createDicomwebSource({ name: 'pacs', url, auth, timeouts: { connectMs: 2000, idleMs: 2000, retryAfterMs: 2000 } });
const studies: QueryRequest = { level: 'study', keys: [], include: [] };

async function all(answers: AsyncIterable<QueryAnswer>): Promise<QueryAnswer[]> {
  const list: QueryAnswer[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
}
const row = (at: number): object => ({ '0020000D': { vr: 'UI', Value: [`1.2.${at}`] } });
const json = (response: ServerResponse, body: unknown, status = 200, headers: http.OutgoingHttpHeaders = {}): void => {
  response.writeHead(status, { 'content-type': 'application/dicom+json', ...headers }).end(JSON.stringify(body));
};
const failure = async (work: Promise<unknown>): Promise<LecternError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LecternError)) throw new Error(`no LecternError: ${String(error)}`);
  return error;
};

const WARNING = { warning: '299 pacs "There are more."' };
interface Page {
  rows: readonly [number, number];
  headers?: Record<string, string>;
  status?: number;
}

describe('queries', () => {
  test('page after page until the server has no more', async () => {
    const url = await serve((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://x');
      const [limit, offset] = [Number(searchParams.get('limit')), Number(searchParams.get('offset'))];
      json(
        response,
        Array.from({ length: Math.max(0, Math.min(limit, 1203 - offset)) }, (_, at) => row(offset + at)),
      );
    });
    const found = await all(sourceAt(url).query(studies, signal));
    expect(found).toHaveLength(1203);
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['match']));
  });

  test('a server that knows no paging gives each match once', async () => {
    const url = await serve((_request, response) =>
      json(
        response,
        Array.from({ length: 700 }, (_, at) => row(at)),
      ),
    );
    expect(await all(sourceAt(url).query(studies, signal))).toHaveLength(700);
  });

  test.each([
    ['counts its own limit as a page', (offset: number): Page => ({ rows: [offset, offset + 100] }), 250, []],
    ['gives the same page again', (): Page => ({ rows: [0, 200] }), 200, ['cut-by-peer']],
    ['says that there is more, and gives none', (): Page => ({ rows: [0, 30], headers: WARNING }), 30, ['cut-by-peer']],
    [
      'has no page beyond its end',
      (offset: number): Page => ({ rows: [offset, 30], status: offset ? 404 : 200 }),
      30,
      [],
    ],
  ] as const)('a server that %s', async (_name, answer, count, notices) => {
    const url = await serve((request, response) => {
      const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'));
      const { rows, headers = {}, status = 200 } = answer(offset);
      response.writeHead(status, headers);
      response.end(JSON.stringify(Array.from({ length: 250 }, (_, at) => row(at)).slice(...rows)));
    });
    const found = await all(sourceAt(url).query(studies, signal));
    expect(found.filter(({ kind }) => kind === 'match')).toHaveLength(count);
    expect(found.flatMap((each) => (each.kind === 'notice' ? [each.code] : []))).toEqual(notices);
  });

  test('a list that has no end is cut, and that is said', async () => {
    let at = 0;
    const url = await serve((_request, response) =>
      json(
        response,
        Array.from({ length: 60_000 }, () => ({ '0020000D': { Value: [`1.2.${at++}`] } })),
        200,
        WARNING,
      ),
    );
    const found: QueryAnswer[] = [];
    let count = 0;
    for await (const answer of sourceAt(url).query(studies, signal))
      if (answer.kind === 'notice') found.push(answer);
      else if (++count > 250_000) break;
    expect(count).toBe(200_000);
    expect(found).toEqual([{ kind: 'notice', code: 'cut', reason: 'More than 200000 match; the list was cut there.' }]);
  });

  test('a limit that cuts is said; one that is just met is not', async () => {
    const url = await serve((request, response) => {
      const limit = Number(new URL(request.url ?? '', 'http://x').searchParams.get('limit'));
      json(
        response,
        Array.from({ length: Math.min(limit, 5) }, (_, at) => row(at)),
      );
    });
    expect((await all(sourceAt(url).query({ ...studies, limit: 3 }, signal))).map(({ kind }) => kind)).toEqual([
      'match',
      'match',
      'match',
      'notice',
    ]);
    expect(await all(sourceAt(url).query({ ...studies, limit: 5 }, signal))).toHaveLength(5);
  });

  test('a list that was cut goes on where it was cut, for studies and for patients', async () => {
    const url = await serve((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://x');
      const [limit, offset] = [Number(searchParams.get('limit')), Number(searchParams.get('offset'))];
      const rows = Array.from({ length: 7 }, (_, at) => ({
        ...row(at),
        '00100020': { vr: 'LO', Value: [`P${at}`] },
      }));
      json(response, rows.slice(offset, offset + limit));
    });
    for (const level of ['study', 'patient'] as const) {
      const first = await all(sourceAt(url).query({ ...studies, level, limit: 3 }, signal));
      const next = await all(sourceAt(url).query({ ...studies, level, limit: 3, offset: 3 }, signal));
      const rest = await all(sourceAt(url).query({ ...studies, level, limit: 3, offset: 6 }, signal));
      expect([first, next, rest].map((list) => list.filter(({ kind }) => kind === 'match').length)).toEqual([3, 3, 1]);
      const ids = [...first, ...next, ...rest].flatMap((answer) =>
        answer.kind === 'match' ? (answer.dataset['00100020']?.Value ?? []) : [],
      );
      expect(ids).toEqual(Array.from({ length: 7 }, (_, at) => `P${at}`));
    }
  });

  test.each([
    ['no JSON', 'hello', 'peer-protocol'],
    ['no list', '{}', 'peer-protocol'],
    ['a list of no data sets', '[1]', 'peer-protocol'],
  ])('%s is an error, not an empty list', async (_name, body, code) => {
    const url = await serve((_request, response) => response.writeHead(200).end(body));
    expect((await failure(all(sourceAt(url).query(studies, signal)))).code).toBe(code);
  });
});

test('a page instead of a list is said to be one, and whose it is', async () => {
  const url = await serve((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<form>'),
  );
  expect((await failure(all(sourceAt(url).query(studies, signal)))).message).toBe(
    'pacs answered the query with a page (text/html) instead of DICOM JSON: check its address, and how it is signed in to.',
  );
});

describe('HTTP', () => {
  test('redirects are followed; the password stays with the node it belongs to', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      json(response, [row(1)]);
    });
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `${elsewhere}${request.url}` }).end();
    });
    const auth = { kind: 'basic', user: 'reader', password: 'secret' } as const;
    expect(await all(sourceAt(url, auth).query({ ...studies, limit: 1 }, signal))).toHaveLength(1);
    const once = ['Basic cmVhZGVyOnNlY3JldA==', undefined];
    expect(seen).toEqual([...once, ...once]);
  });

  test('a server that asks to come again later is asked again', async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls++;
      if (calls === 1) response.writeHead(429, { 'retry-after': '0' }).end();
      else if (calls === 2) response.writeHead(503, { 'retry-after': new Date().toUTCString() }).end();
      else json(response, []);
    });
    expect(await all(sourceAt(url).query(studies, signal))).toEqual([]);
    expect(calls).toBe(3);
  });

  test.each([429, 503])('HTTP %d with a wait that is longer than patience is told: it may go then', async (status) => {
    const url = await serve((_request, response) =>
      response.writeHead(status, { 'retry-after': '600' }).end('<h1>Busy</h1>'),
    );
    const error = await failure(all(sourceAt(url).query(studies, signal)));
    expect(error).toMatchObject({
      code: 'peer-unreachable',
      message: `pacs answered HTTP ${status}: Busy. It asks to be left alone for 600 s.`,
    });
    expect(waitAskedIn(error)).toBe(600_000);
  });

  test('what was shown to the node is not repeated where it gives the request back', async () => {
    const url = await serve((request, response) =>
      response.writeHead(400).end(`bad ${request.headers.authorization} (${request.url?.slice(0, 8)})`),
    );
    for (const auth of [
      { kind: 'basic', user: 'reader', password: 'secret' },
      { kind: 'bearer', token: 'abcdef' },
    ] as const)
      expect((await failure(all(sourceAt(url, auth).query(studies, signal)))).message).toMatch(
        /^pacs answered HTTP 400: bad (Basic|Bearer) … \(\/studies\)\.$/,
      );
  });

  test.each([401, 403])('%d names the credentials', async (status) => {
    const url = await serve((_request, response) => response.writeHead(status).end());
    expect(await failure(all(sourceAt(url).query(studies, signal)))).toMatchObject({
      code: 'peer-credentials',
      message: expect.stringContaining('refuses these credentials'),
    });
  });

  test('a host that is not there, and one that falls silent', async () => {
    expect((await failure(all(sourceAt('http://127.0.0.1:1').query(studies, signal)))).code).toBe('peer-unreachable');
    const url = await serve(() => undefined);
    expect((await failure(all(sourceAt(url).query(studies, signal)))).code).toBe('peer-timeout');
  });

  test('a node that takes the first query and says nothing is given up sooner than a slow one', async () => {
    let calls = 0;
    const later = await serve((_request, response) => void setTimeout(() => json(response, []), calls++ ? 400 : 0));
    const silent = await serve(() => undefined);
    const at = (url: string): ReturnType<typeof createDicomwebSource> =>
      createDicomwebSource({
        name: 'pacs',
        url,
        auth: { kind: 'none' },
        // A slow one is waited for longer than a test may take.
        timeouts: { firstAnswerMs: 200, idleMs: 300_000 },
      });
    expect((await failure(all(at(silent).query(studies, signal)))).message).toMatch(/^pacs .* did not answer in time/);
    const source = at(later);
    expect(await all(source.query(studies, signal))).toEqual([]);
    expect(await all(source.query(studies, signal))).toEqual([]);
  });

  test('a spent token is renewed once for all who wait', async () => {
    let issued = 0;
    const url = await serve((request, response, body) => {
      if (request.url === '/token') {
        issued++;
        expect(body.toString()).toContain('grant_type=client_credentials');
        json(response, { access_token: `t${issued}`, expires_in: 3600 });
      } else if (request.headers.authorization === 'Bearer t2') json(response, [row(1)]);
      else response.writeHead(401).end();
    });
    const tokens = createTokenSource(
      { name: 'pacs', grant: 'client-credentials', tokenUrl: `${url}/token`, clientId: 'lectern', clientSecret: 's' },
      { read: async () => undefined, replace: async () => true, inTurn: (work) => work() },
    );
    const source = sourceAt(url, { kind: 'oauth', tokens });
    const found = await Promise.all([1, 2, 3].map(() => all(source.query({ ...studies, limit: 1 }, signal))));
    expect(found.map((list) => list.length)).toEqual([1, 1, 1]);
    expect(issued).toBe(2);
  });
});

/** Keeps what comes; refuses instances that begin with 'bad'. */
function memorySink(): { sink: InstanceSink; instances: string[]; aborted: number } {
  const state = { instances: [] as string[], aborted: 0 };
  const sink: InstanceSink = {
    open: () => {
      let text = '';
      return {
        write: async (bytes) => {
          text += Buffer.from(bytes).toString();
        },
        finish: async () => {
          if (text.startsWith('bad')) return { outcome: 'refused', reason: 'It is bad.', sizeBytes: text.length };
          state.instances.push(text);
          return { outcome: 'stored', sizeBytes: text.length };
        },
        abort: async () => {
          state.aborted++;
        },
      };
    },
  };
  return Object.assign(state, { sink });
}

describe('retrieval', () => {
  const multipart = (...parts: string[]): string =>
    `${parts.map((part) => `--b\r\nContent-Type: application/dicom\r\n\r\n${part}\r\n`).join('')}--b--\r\n`;
  const retrieval = async (body: string, headers: http.OutgoingHttpHeaders, count?: number) => {
    const url = await serve((request, response) => {
      if (request.url?.startsWith('/studies?'))
        return json(response, [
          { ...row(1), ...(count !== undefined && { '00201208': { vr: 'IS', Value: [count] } }) },
        ]);
      response.writeHead(200, headers);
      response.end(body);
    });
    const memory = memorySink();
    return { memory, work: sourceAt(url).retrieve({ studyUid: '1.2.1' }, memory.sink, () => undefined, signal) };
  };
  const TYPE = { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' };

  test('each part is an instance; what the sink refuses is named; what is not counted is not guessed', async () => {
    const { memory, work } = await retrieval(multipart('one', 'bad', 'three'), TYPE);
    expect(await work).toMatchObject({ expected: null, received: 2, failed: [{ reason: 'It is bad.' }] });
    expect(memory.instances).toEqual(['one', 'three']);
  });

  test('a body that ends early is an error, and the cut instance is not taken', async () => {
    const { memory, work } = await retrieval(multipart('one', 'two').slice(0, -12), TYPE, 2);
    expect((await failure(work)).code).toBe('peer-closed');
    expect(memory).toMatchObject({ instances: ['one'], aborted: 1 });
  });

  test('an answer that is no multipart is said with its type', async () => {
    const { work } = await retrieval('<html>', { 'content-type': 'text/html' }, 1);
    expect((await failure(work)).message).toContain('text/html');
  });

  test('an absent study is told as such', async () => {
    const url = await serve((_request, response) => json(response, []));
    const { sink } = memorySink();
    const work = sourceAt(url).retrieve({ studyUid: '1.2.1' }, sink, () => undefined, signal);
    expect((await failure(work)).code).toBe('not-found');
  });
});

describe('storing', () => {
  const instance = (at: number): OutgoingInstance => ({
    sopClassUid: '1.2.840.10008.5.1.4.1.1.7',
    sopInstanceUid: `1.2.3.${at}`,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    sizeBytes: 4,
    dataset: async function* bytes() {
      yield Buffer.from('data');
    },
  });
  const send = async (handle: Handler, count: number): Promise<StoreOutcome[]> =>
    sourceAt(await serve(handle)).store(
      Array.from({ length: count }, (_, at) => instance(at)),
      () => undefined,
      signal,
    );
  const item = (at: number, more: object = {}): object => ({
    '00081155': { vr: 'UI', Value: [`1.2.3.${at}`] },
    ...more,
  });

  test('each instance has the fate that the server lists for it, and none that it does not', async () => {
    const outcomes = await send((_request, response) => {
      json(
        response,
        {
          '00081199': { vr: 'SQ', Value: [item(0), item(1, { '00081196': { vr: 'US', Value: [0xb000] } })] },
          '00081198': { vr: 'SQ', Value: [item(2, { '00081197': { vr: 'US', Value: [0xa700] } })] },
        },
        202,
      );
    }, 4);
    expect(outcomes.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['sent', undefined],
      ['warning', 0xb000],
      ['failed', 0xa700],
      ['failed', 202],
    ]);
  });

  test('success without a list is no success', async () => {
    const outcomes = await send((_request, response) => json(response, {}), 2);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  test('what is sent are whole files in one multipart body', async () => {
    let received = '';
    await send((request, response, body) => {
      received = `${request.headers['content-type']}\n${body.toString('latin1')}`;
      json(response, {});
    }, 2);
    const boundary = /boundary=(\S+)/.exec(received)?.[1] ?? 'none';
    expect(received.split(`--${boundary}`)).toHaveLength(4);
    expect(received.match(/DICM/g)).toHaveLength(2);
  });
});
