import { expect, onTestFinished, test, vi } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { startLoopbackServer } from '#backend/loopback-server.ts';
import { streamedBody } from './streamed-body.ts';

test('an answer whose study is removed breaks off, and is told in one line', async () => {
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    yield Buffer.from('the beginning');
    throw new LecternError('not-found', 'The instance was removed meanwhile.');
  }
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => printed.mockRestore());
  const api = async (): Promise<Response> => {
    const given = pieces();
    return new Response(streamedBody(given, () => given.return()));
  };
  const server = await startLoopbackServer({ port: 0, api });
  onTestFinished(() => server.close());
  const headers = { authorization: `Bearer ${server.token}` };
  const answer = await fetch(`${server.origin}/api/studies`, { headers });
  await expect(answer.text()).rejects.toThrow('terminated');
  expect(printed.mock.calls).toEqual([['lectern: The instance was removed meanwhile.']]);
});
