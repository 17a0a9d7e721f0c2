// One command from its call to its end: what a signal that ends it is called.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Backend } from '#backend/app.ts';
import type { CommandIo } from '#backend/routes/command.ts';
import { runCommand } from './run-command.ts';

test.each([['find pacs'], ['get pacs 1.2']])('%s that a signal ends says so in words for people', async (call) => {
  const stop = new AbortController();
  const waiting = async (): Promise<never> => {
    stop.abort();
    await delay(60_000, undefined, { signal: stop.signal });
    throw new Error('not stopped');
  };
  const parts = {
    nodes: { get: () => ({ kind: 'dicomweb' }) },
    transfers: { with: waiting, retrieve: waiting },
    useCases: { check: () => undefined, audit: () => undefined },
  };
  const io = { signal: stop.signal, print: () => undefined, note: () => undefined, progress: () => undefined };
  const open = (): Promise<Backend> => Promise.resolve({ open: () => parts } as unknown as Backend);
  await expect(runCommand(call.split(' '), io as unknown as CommandIo, open)).rejects.toMatchObject({
    code: 'conflict',
    message: 'Stopped; what is told above was done.',
  });
});
