// TLS both ways: what is trusted, what is not, and that each refusal says why. No node set to TLS ever speaks in the clear.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { TestStep } from '../source.ts';
import { createDicomwebSource } from '../dicomweb/dicomweb-source.ts';
import { createDimseSource } from './dimse-source.ts';
import { DimseScp } from './scp/scp.ts';
import type { Caller, ScpSettings } from './scp/scp-settings.ts';
import { storeInstances } from './services/store-scu.ts';
import { hasOpenssl, makeAuthority } from './testing/certificates.ts';
import { memorySink } from './testing/memory-sink.ts';
import { instanceBytes, outgoing } from './testing/wire.ts';
import { certificateView, type TlsSettings } from '../tls.ts';

const locked = (key: string): string =>
  createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString();
const signal = new AbortController().signal;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe.skipIf(!hasOpenssl)('TLS (needs openssl)', () => {
  const ours = hasOpenssl ? makeAuthority('Our test authority') : undefined;
  const theirs = hasOpenssl ? makeAuthority('Another authority') : undefined;
  afterAll(() => {
    ours?.remove();
    theirs?.remove();
  });
  const issue = (...args: Parameters<NonNullable<typeof ours>['issue']>): { certificate: string; key: string } =>
    ours?.issue(...args) ?? { certificate: '', key: '' };
  const ca = ours?.ca ?? '';
  const GOOD = 'IP:127.0.0.1,DNS:localhost';

  async function listen(
    tls: ScpSettings['tls'] | undefined,
  ): Promise<{ port: number; sink: ReturnType<typeof memorySink>; callers: Caller[]; refused: string[] }> {
    const sink = memorySink();
    const callers: Caller[] = [];
    const refused: string[] = [];
    const scp = new DimseScp(
      { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 4, ...(tls && { tls }) },
      {
        sink,
        policy: () => ({ isAdmitted: true }),
        events: {
          onOpened: (caller) => void callers.push(caller),
          onRefused: ({ address }, why) => void refused.push(`${address}: ${why}`),
        },
      },
    );
    const { port } = await scp.listen();
    ends.push(() => scp.close());
    return { port, sink, callers, refused };
  }
  const send = (port: number, tls: TlsSettings, host = '127.0.0.1'): Promise<string> =>
    storeInstances(
      { aet: 'LECTERN', callingAet: 'ME', host, port, retrieve: 'get', tls },
      [outgoing('1.2.1', { bytes: instanceBytes('1.2.1', 3_000_000) })],
      () => undefined,
      signal,
    ).then(
      ([outcome]) => outcome?.outcome ?? '',
      (error: unknown) =>
        error instanceof LecternError ? `${error.code}: ${error.message}` : Promise.reject(error as Error),
    );

  test.each<[string, () => { certificate: string; key: string }, string]>([
    ['no key', () => ({ ...issue(GOOD), key: 'nonsense' }), 'cannot be read; it is given in PEM form'],
    ['the key of another', () => ({ ...issue(GOOD), key: issue(GOOD).key }), 'does not belong to the certificate'],
    ['a locked key', () => ({ ...issue(GOOD), key: locked(issue(GOOD).key) }), 'locked by a passphrase'],
  ])('%s is said in words, by either side', async (_name, pair, words) => {
    const { port } = await listen({ ...issue(GOOD), ca, asksClientCertificate: true });
    expect(await send(port, { ca, ...pair() })).toMatch(`bad-request: The key`);
    expect(await send(port, { ca, ...pair() })).toContain(words);
    await expect(listen({ ...pair(), ca, asksClientCertificate: true })).rejects.toThrow(words);
    expect(() =>
      createDicomwebSource({ name: 'pacs', url: 'https://127.0.0.1', auth: { kind: 'none' }, tls: { ca, ...pair() } }),
    ).toThrow(words);
  });

  test('certificates on both sides: bytes arrive, and the caller is known by its certificate', async () => {
    const { port, sink, callers } = await listen({ ...issue(GOOD), ca, asksClientCertificate: true });
    expect(await send(port, { ca, ...issue('DNS:client') })).toBe('sent');
    expect(sink.kept[0]?.file.subarray(-3_000_000).equals(instanceBytes('1.2.1', 3_000_000).subarray(-3_000_000))).toBe(
      true,
    );
    expect(callers[0]?.certificateSubject).toBe('CN=leaf');
  });

  test.each<[string, () => { certificate: string; key: string }, TlsSettings, RegExp]>([
    [
      'expired',
      () => issue(GOOD, { notBefore: '20200101000000Z', notAfter: '20200201000000Z' }),
      { ca },
      /has expired/,
    ],
    [
      'not valid yet',
      () => issue(GOOD, { notBefore: '20400101000000Z', notAfter: '20410201000000Z' }),
      { ca },
      /not valid yet/,
    ],
    ['for clients only', () => issue(GOOD, undefined, 'clientAuth'), { ca }, /is for another use/],
    ['for another name', () => issue('DNS:elsewhere.test'), { ca }, /another name/],
    [
      'of an unknown authority',
      () => theirs?.issue(GOOD) ?? issue(GOOD),
      { ca },
      /authority of its certificate is not known/,
    ],
    ['of an authority the system does not know', () => issue(GOOD), {}, /authority of its certificate is not known/],
    [
      'not the pinned one',
      () => issue(GOOD),
      { ca, pinnedFingerprint: 'AA:BB' },
      /another certificate than the pinned one/,
    ],
  ])('a certificate %s is refused, and the reason is said', async (_name, make, tls, words) => {
    const { port, sink } = await listen({ ...make(), asksClientCertificate: false });
    const said = await send(port, tls);
    expect(said).toMatch(words);
    expect(said).toMatch(/^peer-tls: TLS/);
    expect(sink.kept).toHaveLength(0);
  });

  test('another name can be given; the pinned certificate is taken, expired or not', async () => {
    const other = issue('DNS:elsewhere.test');
    expect(
      await send((await listen({ ...other, asksClientCertificate: false })).port, { ca, serverName: 'elsewhere.test' }),
    ).toBe('sent');
    const expired = issue(GOOD, { notBefore: '20200101000000Z', notAfter: '20200201000000Z' });
    const pinnedFingerprint = new X509Certificate(expired.certificate).fingerprint256;
    expect(await send((await listen({ ...expired, asksClientCertificate: false })).port, { pinnedFingerprint })).toBe(
      'sent',
    );
  });

  test('a client certificate without its key is none, which is said', async () => {
    const { port } = await listen({ ...issue(GOOD), ca, asksClientCertificate: true });
    const { certificate } = issue('DNS:client');
    expect(await send(port, { ca, certificate })).toContain('this node has none, or no key to it');
  });

  test('a missing or foreign client certificate is named on both sides', async () => {
    const { port, refused, sink } = await listen({ ...issue(GOOD), ca, asksClientCertificate: true });
    expect(await send(port, { ca })).toMatch(/client certificate/);
    const foreign = theirs?.issue('DNS:client');
    expect(await send(port, { ca, ...foreign })).toMatch(/^peer-tls: TLS: .*our certificate/);
    expect(refused).toEqual([
      '127.0.0.1: no secure connection: it shows no certificate, and we ask for one',
      '127.0.0.1: no secure connection: the authority of its certificate is not known',
    ]);
    expect(sink.kept).toHaveLength(0);
  });

  test('why a caller was turned away is said in words, and where it called from', async () => {
    const { port, refused } = await listen({ ...issue(GOOD), ca, asksClientCertificate: true });
    const talk = async (bytes: string): Promise<void> => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      if (bytes === '') socket.end();
      else socket.write(bytes);
      socket.resume();
      await once(socket, 'close');
    };
    await send(port, { ca, ...issue('DNS:client', { notBefore: '20200101000000Z', notAfter: '20200201000000Z' }) });
    await send(port, { ca, ...issue('DNS:client', { notBefore: '20400101000000Z', notAfter: '20410201000000Z' }) });
    await send(port, issue('DNS:client'));
    await send(port, { ca, ...issue('DNS:client', undefined, 'serverAuth') });
    await talk('\x01\x00\x00\x00\x00\xcd');
    await talk('GET / HTTP/1.1\r\n\r\n');
    await talk('');
    await expect.poll(() => refused.length).toBe(7);
    expect(refused.map((why) => why.replace('127.0.0.1: no secure connection: ', ''))).toEqual([
      'its certificate has expired',
      'its certificate is not valid yet',
      'it closed the connection early; it may not trust our certificate, or not speak TLS',
      'its certificate is for another use: servers need one for servers, clients one for clients',
      'it does not speak TLS on this port',
      'it does not speak TLS on this port',
      'it closed the connection early; it may not trust our certificate, or not speak TLS',
    ]);
  });

  test('neither side falls back to plain', async () => {
    const plain = await listen(undefined);
    expect(await send(plain.port, { ca })).toMatch(/does not speak TLS/);
    const { port, sink } = await listen({ ...issue(GOOD), asksClientCertificate: false });
    const node = {
      aet: 'LECTERN',
      callingAet: 'ME',
      host: '127.0.0.1',
      port,
      retrieve: 'get' as const,
      settings: { associateTimeoutMs: 500 },
    };
    await expect(storeInstances(node, [outgoing('1.2.1')], () => undefined, signal)).rejects.toThrow(LecternError);
    expect(sink.kept).toHaveLength(0);
  });

  test('the node test shows the certificate and warns ahead of its end', async () => {
    const { port } = await listen({ ...issue(GOOD), asksClientCertificate: false });
    const source = createDimseSource({
      aet: 'LECTERN',
      callingAet: 'ME',
      host: 'localhost',
      port,
      retrieve: 'get',
      tls: { ca },
    });
    const steps: TestStep[] = [];
    for await (const step of source.test(signal)) steps.push(step);
    expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'name-resolution ok',
      'tcp ok',
      'tls warning',
      'association ok',
      'echo ok',
      'find skipped',
      'worklist skipped',
      'get failed',
      'move skipped',
    ]);
    expect(steps[2]?.certificate).toMatchObject({
      subject: 'CN=leaf',
      issuer: 'CN=Our test authority',
      names: expect.stringContaining('localhost') as string,
    });
    expect(steps[7]?.detail).toContain('this node is set to retrieve by it');
  });
});

test('no certificate, no view', () => expect(certificateView(undefined)).toBeUndefined());
