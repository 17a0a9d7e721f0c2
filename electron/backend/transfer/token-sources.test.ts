// A token is asked for once and used again, as long as nothing changes that it was got by.
import { expect, test } from 'vitest';
import { nodeSettings } from '#shared/contract/nodes.ts';
import { backendForEachTest } from '../routes/testing.ts';
import { serve } from '../sources/dicomweb/testing/scripted-server.ts';

const at = backendForEachTest();
const signal = new AbortController().signal;

/** A node that is its own token service, and tells of each time it is asked for one; gives what each query came with. */
async function signedInNode(grant: 'client-credentials' | 'authorization-code', onAsked = () => {}) {
  let count = 0;
  const seen: string[] = [];
  const url = await serve((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.url === '/token') onAsked();
    if (request.url === '/token')
      return void response.end(JSON.stringify({ access_token: `a${++count}`, refresh_token: `r${count}` }));
    seen.push(request.headers.authorization ?? '');
    response.end('[]');
  });
  const auth = { kind: 'oauth', grant, tokenUrl: `${url}/token`, authorizeUrl: `${url}/authorize`, clientId: 'c' };
  const node = nodeSettings.parse({ kind: 'dicomweb', name: 'Web', url, auth });
  const { nodes, transfers } = at.backend.open();
  nodes.add(node);
  const search = (): Promise<void> =>
    transfers.with('Web', async (source) => {
      for await (const answer of source.query({ level: 'study', keys: [], include: [] }, signal)) void answer;
    });
  return { node, nodes, search, seen };
}

test('with client credentials: until the client secret is another, or the settings are', async () => {
  const { node, nodes, search, seen } = await signedInNode('client-credentials');
  await nodes.setSecret('Web', 'password', 's1');
  await search();
  await search();
  await nodes.setSecret('Web', 'password', 's2');
  await search();
  await search();
  nodes.vault.forget('Web', 'password');
  await search();
  if (node.kind === 'dicomweb' && node.auth.kind === 'oauth')
    await nodes.edit('Web', { ...node, auth: { ...node.auth, scope: 'read' } });
  await search();
  nodes.remove('Web');
  await expect(search()).rejects.toThrow('There is no node Web.');
  expect(seen).toEqual([1, 1, 2, 2, 3, 4].map((number) => `Bearer a${number}`));
});

test('a test of the node asks for a new one: it is of the service as it is now', async () => {
  const { search, seen } = await signedInNode('client-credentials');
  await search();
  await at.backend.open().transfers.with('Web', async (source) => {
    for await (const { step, outcome } of source.test(signal)) if (step === 'credentials') expect(outcome).toBe('ok');
  });
  expect(seen.slice(0, 2)).toEqual(['Bearer a1', 'Bearer a2']);
});

test('of a person: until somebody signs in anew, or out', async () => {
  const { nodes, search, seen } = await signedInNode('authorization-code');
  await nodes.vault.set('Web', 'refresh', 'first');
  await search();
  await search();
  expect(await nodes.vault.read('Web', 'refresh')).toBe('r1');
  await nodes.vault.set('Web', 'refresh', 'of another');
  await search();
  expect(seen).toEqual([1, 1, 2].map((number) => `Bearer a${number}`));
  nodes.vault.forget('Web', 'refresh');
  await expect(search()).rejects.toMatchObject({ code: 'peer-credentials' });
});

test.each(['refused', 'renewed'])('of who signs in while the token before is asked for, which is %s', async (how) => {
  const asked = Promise.withResolvers<void>();
  const signedIn = Promise.withResolvers<void>();
  const sent: string[] = [];
  const seen: string[] = [];
  const url = await serve((request, response, body) => {
    response.setHeader('content-type', 'application/json');
    if (request.url !== '/token') {
      seen.push(request.headers.authorization ?? '');
      return void response.end('[]');
    }
    const token = new URLSearchParams(body.toString()).get('refresh_token') ?? '';
    const answer = JSON.stringify({ access_token: `a${sent.push(token)}`, refresh_token: `after ${token}` });
    if (token !== 'of one') return void response.end(answer);
    asked.resolve();
    void signedIn.promise.then(() =>
      how === 'refused' ? response.writeHead(400).end('{"error":"invalid_grant"}') : response.end(answer),
    );
  });
  const grant = { grant: 'authorization-code', authorizeUrl: `${url}/authorize` };
  const auth = { kind: 'oauth', ...grant, tokenUrl: `${url}/token`, clientId: 'c' };
  const node = nodeSettings.parse({ kind: 'dicomweb', name: 'Web', url, auth });
  const { nodes, transfers } = at.backend.open();
  nodes.add(node);
  await nodes.keepRefresh(node, 'of one');
  const search = transfers.with('Web', async (source) => {
    for await (const answer of source.query({ level: 'study', keys: [], include: [] }, signal)) void answer;
  });
  await asked.promise;
  await nodes.keepRefresh(node, 'of another');
  signedIn.resolve();
  await search;
  expect({ sent, seen, kept: await nodes.vault.read('Web', 'refresh') }).toEqual({
    sent: ['of one', 'of another'],
    seen: ['Bearer a2'],
    kept: 'after of another',
  });
});

test('who signs out while a token is asked for stays so', async () => {
  const { nodes, search } = await signedInNode('authorization-code', () => nodes.vault.forget('Web', 'refresh'));
  await nodes.vault.set('Web', 'refresh', 'first');
  await expect(search()).rejects.toMatchObject({ code: 'peer-credentials' });
  expect(await nodes.vault.read('Web', 'refresh')).toBeUndefined();
});
