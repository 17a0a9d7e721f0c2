// `lectern get`: what it says where our own disk is full, and of what came cut.
import { expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { TransferResult } from '#backend/transfer/retrieve.ts';
import type { CommandContext } from './command.ts';
import { getCommand } from './transfer.ts';

/** Runs `get` where the retrieval ends so; `lines` is what it prints. */
function getting(result: TransferResult, lines: string[], flags: readonly string[] = []): Promise<number> {
  const parts = {
    nodes: { get: () => ({ kind: 'dicomweb' }) },
    transfers: { retrieve: () => Promise.resolve(result) },
  };
  const context = {
    operands: ['pacs', '1.2'],
    flags: new Set(flags),
    values: new Map(),
    print: (line: string) => void lines.push(line),
    progress: () => undefined,
    note: (text: string) => void lines.push(text),
    open: () => Promise.resolve({ open: () => parts }),
  };
  return getCommand.run(context as unknown as CommandContext);
}

test('a study that did not come since the disk is full: the summary, then that sentence', async () => {
  const stopped = new LecternError('disk-full', 'The disk is full.');
  const result = { expected: 5, received: 2, failed: [], cut: [], warnings: [], bytes: 2, stopped };
  const lines: string[] = [];
  await expect(getting(result, lines, ['json'])).rejects.toBe(stopped);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ summary: { received: 2, failed: 3 } }]);
});

test('what came cut is here, named, and no success', async () => {
  const cut = [{ sopInstanceUid: '1.2.3', reason: 'The file ends inside the pixel data.' }];
  const result = { expected: 6, received: 6, failed: [], cut, warnings: [], bytes: 6 };
  const lines: string[] = [];
  expect(await getting(result, lines)).toBe(3);
  expect(lines).toEqual([
    'cut: 1.2.3 The file ends inside the pixel data.',
    expect.stringMatching(/^6 of 6 instances received, 0 failed, 1 cut and kept so /),
  ]);
  lines.length = 0;
  expect(await getting(result, lines, ['json'])).toBe(3);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { sopInstanceUid: '1.2.3', outcome: 'cut' },
    { summary: { received: 6, failed: 0, cut: 1 } },
  ]);
});
