// `lectern nodes rm`: a node that something uses goes only with --anyway.
import { expect, test } from 'vitest';
import { NO_PRIORS } from '#shared/contract/receiver.ts';
import type { CommandContext } from './command.ts';
import { nodesCommand } from './nodes.ts';

test('what uses the node is named, and how to remove it all the same', async () => {
  const removed: string[] = [];
  const parts = {
    nodes: { remove: (name: string) => removed.push(name) },
    rules: { routing: () => [{ name: 'All', when: [], sendTo: 'pacs' }], priors: () => NO_PRIORS },
    jobs: { list: () => [] },
    useCases: { check: () => undefined, audit: () => undefined },
  };
  const remove = (...flags: string[]): Promise<number> => {
    const context: Partial<CommandContext> = {
      operands: ['rm', 'pacs'],
      flags: new Set(flags),
      print: () => undefined,
      open: () => Promise.resolve({ open: () => parts } as unknown as Awaited<ReturnType<CommandContext['open']>>),
    };
    return Promise.resolve(nodesCommand.run(context as CommandContext));
  };
  await expect(remove()).rejects.toThrow(
    'pacs was not removed: it is used by the routing rule All. With --anyway it is removed all the same.',
  );
  expect(removed).toEqual([]);
  expect(await remove('anyway')).toBe(0);
  expect(removed).toEqual(['pacs']);
});
