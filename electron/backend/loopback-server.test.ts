// The door on loopback: who is let in.
import { expect, onTestFinished, test } from 'vitest';
import { startLoopbackServer } from './loopback-server.ts';

test('the token is taken whatever the case of its scheme (RFC 9110 11.1), and no other', async () => {
  const server = await startLoopbackServer({ port: 0, api: () => Promise.resolve(new Response('in')) });
  onTestFinished(() => server.close());
  const statusOf = async (authorization: string): Promise<number> =>
    (await fetch(`${server.origin}/api/session`, { headers: { authorization } })).status;
  const given = ['Bearer', 'bearer', 'BEARER'].map((scheme) => statusOf(`${scheme} ${server.token}`));
  expect(await Promise.all(given)).toEqual([200, 200, 200]);
  expect(await Promise.all([statusOf('bearer x'), statusOf(server.token)])).toEqual([401, 401]);
});

test('a port that is taken is said in a sentence', async () => {
  const api = () => Promise.resolve(new Response('in'));
  const first = await startLoopbackServer({ port: 0, api });
  onTestFinished(() => first.close());
  const port = Number(new URL(first.origin).port);
  await expect(startLoopbackServer({ port, api })).rejects.toMatchObject({
    code: 'conflict',
    message: `Cannot listen on port ${port} of this machine: another program listens there.`,
  });
});
