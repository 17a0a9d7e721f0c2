// `lectern get`: what it says where our own disk is full.
import { expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { CommandContext } from './command.ts';
import { getCommand } from './transfer.ts';

test('a study that did not come since the disk is full: the summary, then that sentence', async () => {
  const stopped = new LecternError('disk-full', 'The disk is full.');
  const result = { expected: 5, received: 2, failed: [], warnings: [], bytes: 2, stopped };
  const parts = {
    nodes: { get: () => ({ kind: 'dicomweb' }) },
    transfers: { retrieve: () => Promise.resolve(result) },
  };
  const lines: string[] = [];
  const context = {
    operands: ['pacs', '1.2'],
    flags: new Set(['json']),
    values: new Map(),
    print: (line: string) => void lines.push(line),
    progress: () => undefined,
    open: () => Promise.resolve({ open: () => parts }),
  };
  await expect(getCommand.run(context as unknown as CommandContext)).rejects.toBe(stopped);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ summary: { received: 2, failed: 3 } }]);
});
