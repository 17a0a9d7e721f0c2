// What the settings say of a sign-in, whose answers come to another page than ours.
import { expect, test } from 'vitest';
import { nodeSettings, type NodeView } from '#shared/contract/nodes.ts';
import { serve } from '../sources/dicomweb/testing/scripted-server.ts';
import { backendForEachTest } from './testing.ts';

const at = backendForEachTest();

test('an answer that is none of it, then signing in again: the last one alone counts, and is done', async () => {
  const url = await serve((_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: 'a1', refresh_token: 'r1' })),
  );
  const auth = {
    kind: 'oauth',
    grant: 'authorization-code',
    tokenUrl: `${url}/token`,
    authorizeUrl: `${url}/authorize`,
    clientId: 'c',
  };
  at.backend.open().nodes.add(nodeSettings.parse({ kind: 'dicomweb', name: 'Web', url, auth }));
  const begin = async (): Promise<URLSearchParams> => {
    const { address } = (await (await at.call('POST', '/nodes/Web/sign-in')).json()) as { address: string };
    return new URL(address).searchParams;
  };
  const answer = async (asked: URLSearchParams, state: string): Promise<string> =>
    (await fetch(`${asked.get('redirect_uri')}?${new URLSearchParams({ code: 'c', state }).toString()}`)).text();
  const view = async (): Promise<NodeView | undefined> =>
    (await at.got<{ nodes: NodeView[] }>('/nodes')).nodes.find(({ settings }) => settings.name === 'Web');

  const first = await begin();
  await answer(first, 'of-another');
  expect((await view())?.signInFailure).toContain('does not belong to the sign-in');
  const second = await begin();
  // The first one has ended, which is nothing to say.
  await expect(answer(first, first.get('state') ?? '')).rejects.toThrow('fetch failed');
  expect(await view()).toMatchObject({ secrets: [] });
  expect((await view())?.signInFailure).toBeUndefined();
  await answer(second, 'of-another');
  expect(await answer(second, second.get('state') ?? '')).toBe('Signed in. You can close this page.');
  expect(await view()).toMatchObject({ secrets: ['refresh'] });
  expect((await view())?.signInFailure).toBeUndefined();
});
