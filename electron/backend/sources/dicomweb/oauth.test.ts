// Access tokens as identity providers of hospitals give them: behind an authority of their own, by HTTP Basic, spent and refused.
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type https from 'node:https';
import { afterAll, describe, expect, test } from 'vitest';
import { hasOpenssl, makeAuthority } from '../dimse/testing/certificates.ts';
import type { TestStep } from '../source.ts';
import { serve } from './testing/scripted-server.ts';
import { createDicomwebSource } from './dicomweb-source.ts';
import { beginConsent, createTokenSource, tokenTls, type OauthSettings, type RefreshStore } from './oauth.ts';

const signal = new AbortController().signal;
type FormHandler = (fields: URLSearchParams, request: IncomingMessage, response: ServerResponse) => void;
const serveForms = (handle: FormHandler, secure?: https.ServerOptions): Promise<string> =>
  serve((request, response, body) => handle(new URLSearchParams(body.toString()), request, response), secure);
const answer = (response: ServerResponse, body: object, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const settings = (tokenUrl: string, more: Partial<OauthSettings> = {}): OauthSettings => ({
  name: 'pacs',
  grant: 'client-credentials',
  tokenUrl,
  clientId: 'lectern',
  ...more,
});
function keeping(kept?: string): RefreshStore & { kept: string | undefined } {
  const store = {
    kept,
    read: async () => store.kept,
    replace: async (_sent: string, next: string | undefined) => {
      store.kept = next;
      return true;
    },
    inTurn: <T>(work: () => Promise<T>) => work(),
  };
  return store;
}
const tokenOf = (with_: OauthSettings, store = keeping()): Promise<string> =>
  createTokenSource(with_, store).token(undefined, signal);

describe.skipIf(!hasOpenssl)('a token service with an authority of its own', () => {
  const authority = hasOpenssl ? makeAuthority('Hospital') : undefined;
  afterAll(() => authority?.remove());

  test('is trusted by the authority of its node, and shown the certificate of the node', async () => {
    if (!authority) return;
    const { certificate: cert, key } = authority.issue('IP:127.0.0.1');
    const url = await serveForms((_fields, _request, response) => answer(response, { access_token: 'a1' }), {
      cert,
      key,
      ca: authority.ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const ours = authority.issue('DNS:lectern');
    const tls = { ca: authority.ca, ...ours };
    expect(await tokenOf(settings(url, { tls }))).toBe('a1');
    await expect(tokenOf(settings(url))).rejects.toMatchObject({
      code: 'peer-tls',
      message: expect.stringMatching(/^No secure connection to the token service of pacs .*authority/) as string,
    });
    const pinnedFingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
    await expect(tokenOf(settings(url, { tls: { ...tls, pinnedFingerprint } }))).rejects.toThrow('pinned one');
  });

  test('what the node is known by is no matter of a service on another host, which the system may know', () => {
    const tls = { ca: 'CA', certificate: 'C', key: 'K', serverName: 'pacs', pinnedFingerprint: 'AB' };
    expect(tokenTls(tls, 'https://pacs.example/dicom', 'https://pacs.example:8443/token')).toBe(tls);
    const other = tokenTls(tls, 'https://pacs.example/dicom', 'https://idp.example/token');
    expect(other).toEqual({
      ca: expect.stringMatching(/BEGIN CERTIFICATE[^]*CA$/) as string,
      certificate: 'C',
      key: 'K',
    });
  });
});

test.each(['abc\r\nX-Evil: 1', 'tök€n', 'a b'])(
  'a token that cannot stand in a header is no token: %j',
  async (token) => {
    const url = await serveForms((_fields, _request, response) => answer(response, { access_token: token }));
    await expect(tokenOf(settings(url))).rejects.toMatchObject({
      code: 'peer-protocol',
      message: 'The token service of pacs gave a token that cannot be used.',
    });
  },
);

test.each([3600, '20', 'abc', null, -1, undefined])('a token that ends in %j is used more than once', async (life) => {
  let asked = 0;
  const url = await serveForms((_fields, _request, response) =>
    answer(response, { access_token: `a${++asked}`, expires_in: life, refresh_token: null }),
  );
  const tokens = createTokenSource(settings(url), keeping());
  expect(await tokens.token(undefined, signal)).toBe('a1');
  expect(await tokens.token(undefined, signal)).toBe('a1');
});

describe('the client secret', () => {
  const secret = { clientId: 'a:b c', clientSecret: 's%é' };

  test('goes as HTTP Basic, each part form-urlencoded', async () => {
    const url = await serveForms((fields, request, response) => {
      const [id, password] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
        .toString()
        .split(':')
        .map((part) => new URLSearchParams(`x=${part}`).get('x'));
      const isRight = id === 'a:b c' && password === 's%é' && !fields.has('client_secret');
      answer(response, isRight ? { access_token: 'a1' } : { error: 'invalid_client' }, isRight ? 200 : 401);
    });
    expect(await tokenOf(settings(url, secret))).toBe('a1');
  });

  test('goes in the body to a service that does not take it so; one that sends us on gets it nowhere', async () => {
    const url = await serveForms((fields, request, response) => {
      if (request.url === '/on') return void response.writeHead(307, { location: '/' }).end();
      if (fields.get('client_secret') === 's%é' && fields.get('client_id') === 'a:b c')
        return answer(response, { access_token: 'a1' });
      return answer(response, { error: 'invalid_client' }, 401);
    });
    expect(await tokenOf(settings(url, secret))).toBe('a1');
    await expect(tokenOf(settings(`${url}/on`, secret))).rejects.toThrow('gave no token (HTTP 307)');
  });

  test.each(['invalid_scope', 'invalid_client'])(
    'is not repeated where the service gives the request back (%s)',
    async (error) => {
      const url = await serveForms((fields, request, response) => {
        const said = `I had ${request.headers.authorization ?? 'none'} and ${fields.get('client_secret') ?? 'none'}`;
        answer(response, { error, error_description: said }, 400);
      });
      const words = await tokenOf(settings(url, { clientSecret: 'a s3cret' })).catch(
        (failure: Error) => failure.message,
      );
      const shown = error === 'invalid_client' ? 'none and …' : 'Basic … and none';
      expect(words).toBe(`The token service of pacs gave no token (${error}, I had ${shown}).`);
    },
  );
});

test.each([
  [
    { error: 'invalid_client', error_description: 'The secret\r\n\u202ehas ended.' },
    'invalid_client, The secret has ended.',
  ],
  [{ error: 'invalid_client', error_description: 'x'.repeat(1000) }, `invalid_client, ${'x'.repeat(200)}`],
  [{ error: 'invalid_client', error_description: 7 }, 'invalid_client'],
  [{ error_description: 'Words of nobody.' }, 'HTTP 401'],
])('a service that gives no token is told in its own words (%#)', async (said, words) => {
  const url = await serveForms((_fields, _request, response) => answer(response, said, 401));
  await expect(tokenOf(settings(url))).rejects.toThrow(`The token service of pacs gave no token (${words}).`);
});

describe('signing in', () => {
  const consent = { grant: 'authorization-code', authorizeUrl: 'https://idp.example/authorize' } as const;

  /** The browser comes back from `address` with this. */
  const answered = (address: string, answer: Record<string, string>): Promise<Response> => {
    const { searchParams } = new URL(address);
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({ state: searchParams.get('state') ?? '', ...answer }).toString();
    return fetch(back);
  };

  /** Of a request for exactly `path`. */
  const statusOf = async (port: string, path: string): Promise<number | undefined> => {
    const [response] = (await once(http.get({ port, path, host: '127.0.0.1', agent: false }), 'response')) as [
      IncomingMessage,
    ];
    response.resume();
    return response.statusCode;
  };

  test('that is refused says why, in one line of the words of the service', async () => {
    const { address, done } = await beginConsent(
      settings('http://127.0.0.1:1', consent),
      async () => undefined,
      signal,
    );
    const outcome = done.catch((error: Error) => error.message);
    const description = `User <b>not</b>\r\n\u202Eallowed ${'x'.repeat(500)}`;
    const page = await answered(address, { error: 'access_denied', error_description: description });
    const words = `Signing in was refused: access_denied, ${'User <b>not</b> allowed '.padEnd(200, 'x')}.`;
    expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await page.text()).toBe(`${words} You can close this page.`);
    expect(await outcome).toBe(words);
  });

  test('says of an answer that is none of it what that is, there and here, and goes on waiting for its own', async () => {
    const url = await serveForms((_fields, _request, response) =>
      answer(response, { access_token: 'a1', refresh_token: 'r1' }),
    );
    const [kept, strange]: [string[], string[]] = [[], []];
    const { address, done } = await beginConsent(
      settings(url, consent),
      async (token) => void kept.push(token),
      signal,
      (words) => strange.push(words),
    );
    const page = await answered(address, { code: 'c1', state: 'zzz' });
    const words =
      'This answer does not belong to the sign-in that Lectern is waiting for. Begin signing in again in the settings.';
    expect([page.status, await page.text()]).toEqual([400, `${words} You can close this page.`]);
    expect(strange).toEqual([words]);
    const { port } = new URL(new URL(address).searchParams.get('redirect_uri') ?? '');
    for (const path of ['//', 'http://', '/favicon.ico', '*']) expect(await statusOf(port, path)).toBe(404);
    await answered(address, { code: 'c1' });
    await done;
    expect(kept).toEqual(['r1']);
  });

  test('is forgotten once the service takes it no more, and asked for again', async () => {
    const url = await serveForms((_fields, _request, response) => answer(response, { error: 'invalid_grant' }, 400));
    const store = keeping('r0');
    await expect(tokenOf(settings(url, consent), store)).rejects.toMatchObject({
      code: 'peer-credentials',
      message: 'pacs no longer takes its sign-in: sign in to it again in the settings.',
    });
    expect(store.kept).toBeUndefined();
    const down = await serveForms((_fields, _request, response) => answer(response, { error: 'server_error' }, 500));
    const later = keeping('r0');
    await expect(tokenOf(settings(down, consent), later)).rejects.toThrow('server_error');
    expect(later.kept).toBe('r0');
  });

  test.each([true, false])('is said to be done once the token is kept (the service gives one: %s)', async (isGiven) => {
    const kept: string[] = [];
    const url = await serveForms((fields, _request, response) =>
      isGiven && fields.get('code') === 'c1'
        ? answer(response, { access_token: 'a1', refresh_token: 'r1' })
        : answer(response, { error: 'invalid_grant' }, 400),
    );
    const { address, done } = await beginConsent(
      settings(url, consent),
      async (token) => void kept.push(token),
      signal,
    );
    const outcome = done.then(
      () => 'done',
      (error: Error) => error.message,
    );
    const page = await (await answered(address, { code: 'c1' })).text();
    const words = 'The token service of pacs gave no token (invalid_grant).';
    expect(page).toBe(
      isGiven ? 'Signed in. You can close this page.' : `Signing in failed. ${words} You can close this page.`,
    );
    expect([await outcome, kept]).toEqual(isGiven ? ['done', ['r1']] : [words, []]);
  });
});

test('a test of the node says of the sign-in that it failed, not of queries', async () => {
  const url = await serveForms((_fields, _request, response) => answer(response, { error: 'invalid_client' }, 401));
  const tokens = createTokenSource(settings(`${url}/token`), keeping());
  const steps: TestStep[] = [];
  const source = createDicomwebSource({ name: 'pacs', url, auth: { kind: 'oauth', tokens } });
  for await (const step of source.test(signal)) steps.push(step);
  expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    'name-resolution ok',
    'tcp ok',
    'credentials failed',
    'qido skipped',
    'wado skipped',
    'stow skipped',
  ]);
  const refusing = createDicomwebSource({ name: 'pacs', url, auth: { kind: 'bearer', token: 'x' } });
  const refused: TestStep[] = [];
  for await (const step of refusing.test(signal)) refused.push(step);
  expect(refused[2]).toMatchObject({ step: 'credentials', outcome: 'failed' });
});
