// Storing by STOW-RS when one instance, one request or one answer goes wrong: the others must not suffer.
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { OutgoingInstance, StoreOutcome } from '../source.ts';
import { createDicomwebSource } from './dicomweb-source.ts';
import { serve, type Handler } from './testing/scripted-server.ts';

const signal = new AbortController().signal;
const sourceAt = (url: string): ReturnType<typeof createDicomwebSource> =>
  createDicomwebSource({
    name: 'pacs',
    url,
    auth: { kind: 'none' },
    timeouts: { connectMs: 2000, idleMs: 2000, retryAfterMs: 2000 },
  });
const json = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(body));

describe('storing', () => {
  const instance = (at: number, pieces: () => AsyncIterable<Uint8Array>): OutgoingInstance => ({
    sopClassUid: '1.2.840.10008.5.1.4.1.1.7',
    sopInstanceUid: `1.2.3.${at}`,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    sizeBytes: 4,
    dataset: pieces,
  });
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('data');
  }
  async function* damaged(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('da');
    throw new LecternError('cannot-decode', 'The stored file is damaged.');
  }
  /** Lists all that it gets as stored. */
  const takeAll = (response: ServerResponse, body: Buffer): void => {
    const uids = body.toString('latin1').match(/1\.2\.3\.\d+/g) ?? [];
    const items = uids.map((uid) => ({ '00081155': { vr: 'UI', Value: [uid] } }));
    json(response, { '00081199': { vr: 'SQ', Value: items } });
  };
  async function send(
    handle: Handler,
    count: number,
    damagedAt = -1,
  ): Promise<{ told: number; outcomes: StoreOutcome[] }> {
    let told = 0;
    const outcomes = await sourceAt(await serve(handle)).store(
      Array.from({ length: count }, (_, at) => instance(at, at === damagedAt ? damaged : whole)),
      () => told++,
      signal,
    );
    return { told, outcomes };
  }

  test('images go to the node only, wherever it sends us on to', async () => {
    let reached = 0;
    const elsewhere = await serve((_request, response, body) => {
      reached++;
      takeAll(response, body);
    });
    const there = elsewhere.replace('127.0.0.1', 'localhost');
    const sent = send((_request, response) => response.writeHead(307, { location: `${there}/studies` }).end(), 2);
    await expect(sent).rejects.toThrow(`pacs sends us on to ${there}; what is sent goes to `);
    expect(reached).toBe(0);
  });

  test('what a node that is busy did not take may go later: the first batch is no reason for the others to fail', async () => {
    let calls = 0;
    const { outcomes } = await send((_request, response, body) => {
      if (++calls === 1) takeAll(response, body);
      else response.writeHead(429, { 'retry-after': '600' }).end();
    }, 200);
    expect(outcomes.filter(({ outcome }) => outcome === 'sent')).toHaveLength(50);
    const others = outcomes.filter(({ outcome }) => outcome !== 'sent');
    expect(others.every(({ isUntried, waitMs }) => isUntried === true && waitMs === 600_000)).toBe(true);
    expect(others[0]?.reason).toContain('pacs answered HTTP 429. It asks to be left alone for 600 s.');
  });

  test('an answer that is a list is read, one that is null is none', async () => {
    const { outcomes } = await send((_request, response, body) => {
      const uids = body.toString('latin1').match(/1\.2\.3\.\d+/g) ?? [];
      json(response, [
        { '00081199': { vr: 'SQ', Value: uids.map((uid) => ({ '00081155': { vr: 'UI', Value: [uid] } })) } },
      ]);
    }, 2);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
    const { outcomes: none } = await send((_request, response) => json(response, null), 1);
    expect(none.map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  const ref = (uid: string) => ({ '00081155': { vr: 'UI', Value: [uid] } });

  test('what is listed counts, whatever else the answer says in other shapes', async () => {
    const stored = { vr: 'SQ', Value: [ref('1.2.3.0\0'), ref('1.2.3.1 ')] };
    for (const failed of [{ vr: 'SQ', Value: 'abc' }, { Value: {} }, { vr: 'SQ', Value: [null, [[]]] }, 7]) {
      const { outcomes } = await send((_q, response) => json(response, { '00081199': stored, '00081198': failed }), 2);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
    }
    const { outcomes: one } = await send(
      (_q, response) =>
        json(response, { '00081199': { vr: 'UN', Value: ref('1.2.3.0') }, '00081198': { Value: 'abc' } }),
      1,
    );
    expect(one.map(({ outcome }) => outcome)).toEqual(['sent']);
  });

  test('of what is said in a form that cannot be read the fates are not known, and that is told', async () => {
    const deep = `{"00081199":${'{"vr":"SQ","Value":[{"00081199":'.repeat(50_000)}{}${'}]}'.repeat(50_000)}}`;
    for (const [type, body] of [
      ['application/dicom+xml', '<NativeDicomModel></NativeDicomModel>'],
      ['application/dicom+json', deep],
    ]) {
      const { outcomes } = await send((_q, response) => response.writeHead(200, { 'content-type': type }).end(body), 1);
      expect(outcomes).toMatchObject([
        {
          outcome: 'failed',
          reason: `The peer answered HTTP 200, and what it says (${type}) cannot be read: whether it stored this instance is not known. Look there.`,
        },
      ]);
    }
    const { outcomes: silent } = await send((_q, response) => response.writeHead(200).end(), 1);
    expect(silent[0]?.reason).toBe('The peer answered HTTP 200 but does not list this instance as stored.');
  });

  test('one that cannot be read fails alone', async () => {
    const { told, outcomes } = await send((_request, response, body) => takeAll(response, body), 4, 1);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['sent', 'failed', 'sent', 'sent']);
    expect(outcomes[1]?.reason).toBe('The stored file is damaged.');
    expect(told).toBe(4);
  });

  test('a request that is too large for the server goes again in parts', async () => {
    const { outcomes } = await send((_request, response, body) => {
      if (body.length > 1000) response.writeHead(413).end('Request Entity Too Large');
      else takeAll(response, body);
    }, 7);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 7 }, () => 'sent'));
    const { outcomes: none } = await send((_request, response) => response.writeHead(413).end(), 2);
    expect(none.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['refused', 413],
      ['refused', 413],
    ]);
  });

  test.each([400, 409, 415, 422, 500])(
    'HTTP %d for a batch of which one cannot be taken: the others are sent, that one is named',
    async (status) => {
      const { told, outcomes } = await send((_request, response, body) => {
        if (/1\.2\.3\.7(?!\d)/.test(body.toString('latin1'))) response.writeHead(status).end('Not readable');
        else takeAll(response, body);
      }, 20);
      expect(outcomes.flatMap(({ outcome }, at) => (outcome === 'sent' ? [] : [at]))).toEqual([7]);
      expect(outcomes[7]).toMatchObject({ outcome: 'failed', status });
      expect(told).toBe(20);
    },
  );

  test('the first few that are refused speak for the others only where nothing is taken', async () => {
    let requests = 0;
    const { told, outcomes } = await send((_request, response) => {
      requests++;
      response.writeHead(400).end('No');
    }, 120);
    expect(requests).toBeLessThan(40);
    expect(told).toBe(120);
    const alone = outcomes.filter(({ reason }) => reason === 'pacs answered HTTP 400: No.');
    const others = outcomes.filter(({ reason }) => !alone.some((each) => each.reason === reason));
    expect(alone.length).toBeLessThan(13);
    expect(new Set(others.map(({ outcome, status, reason }) => `${outcome} ${status} ${reason}`))).toEqual(
      new Set([
        'failed 400 Not sent by itself, since the first 10 were refused and none was taken: pacs answered HTTP 400: No.',
      ]),
    );
    const { outcomes: neighbours } = await send((_request, response, body) => {
      if (/1\.2\.3\.\d(?!\d)/.test(body.toString('latin1'))) response.writeHead(400).end('No');
      else takeAll(response, body);
    }, 50);
    expect(neighbours.filter(({ outcome }) => outcome === 'sent')).toHaveLength(40);
    const { outcomes: few } = await send((_request, response, body) => {
      if (/1\.2\.3\.\d*[0-35-9](?!\d)/.test(body.toString('latin1'))) response.writeHead(400).end('No');
      else takeAll(response, body);
    }, 50);
    expect(few.flatMap(({ outcome }, at) => (outcome === 'sent' ? [at] : []))).toEqual([4, 14, 24, 34, 44]);
  });

  test('a batch whose connection breaks does not take the others with it', async () => {
    const { told, outcomes } = await send((request, response, body) => {
      if (body.includes('1.2.3.60')) request.socket.destroy();
      else takeAll(response, body);
    }, 120);
    expect(told).toBe(120);
    const failed = outcomes.flatMap(({ outcome }, at) => (outcome === 'failed' ? [at] : []));
    expect(failed).toEqual(Array.from({ length: 50 }, (_, at) => 50 + at));
    expect(outcomes[60]?.reason).toMatch(/^Not sent: The connection to pacs .* broke/);
  });

  test('where nothing comes through at all, that is what is said', async () => {
    await expect(send((request) => request.socket.destroy(), 120)).rejects.toMatchObject({ code: 'peer-closed' });
    await expect(send((_request, response) => response.writeHead(401).end(), 2)).rejects.toMatchObject({
      code: 'peer-credentials',
    });
  });
});
