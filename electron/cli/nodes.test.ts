// `lectern nodes`: a node that something uses goes only with --anyway; what is no node is told by its option.
import { expect, test } from 'vitest';
import { NO_PRIORS } from '#shared/contract/receiver.ts';
import { UsageError } from './arguments.ts';
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

test.each([
  [{ dimse: 'A@localhost:0' }, '--dimse: A port is a whole number from 1 to 65535.'],
  [
    { dimse: 'A@localhost:104', connections: '0' },
    '--connections: Connections at a time are a whole number from 1 to 8.',
  ],
  [
    { dimse: 'A@localhost:104', connections: 'x' },
    '--connections: Connections at a time are a whole number from 1 to 8.',
  ],
  [{ dimse: 'A@localhost:104', retrieve: 'x' }, '--retrieve: Retrieved is by get or move.'],
  [{ dimse: 'A@localhost:104', calling: 'A\\B' }, '--calling: An AE title has 1 to 16 characters, no backslash.'],
  [{ dimse: 'A@local host:104' }, '--dimse: A host is a name or an address, as pacs.example.org or 10.0.0.7.'],
  [{ dicomweb: 'ftp://x' }, '--dicomweb: An address begins with http:// or https:// and a host.'],
  [{ dicomweb: 'http://x', user: '' }, '--user: This is needed for this kind of sign-in.'],
  [
    { dicomweb: 'http://x', user: 'a:b' },
    '--user: A user has no colon here: the password would begin behind it (RFC 7617 2).',
  ],
])('%j is no node', async (values, said) => {
  const context = { operands: ['add', 'foo'], flags: new Set(), values: new Map(Object.entries(values)) };
  await expect((async () => nodesCommand.run(context as unknown as CommandContext))()).rejects.toThrow(
    new UsageError(said),
  );
});

test.each(['', '\n'])('no secret on standard input (%j) is told, and no node is added', async (given) => {
  const context = {
    operands: ['add', 'foo'],
    flags: new Set(['secret-stdin']),
    values: new Map(Object.entries({ dicomweb: 'http://x', user: 'u' })),
    stdin: () => Promise.resolve(given),
  };
  await expect((async () => nodesCommand.run(context as unknown as CommandContext))()).rejects.toThrow(
    new UsageError('--secret-stdin: nothing came on standard input.'),
  );
});
