// `lectern import`: its summary is the last line, whatever ended it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { CommandContext } from './command.ts';
import { importCommand } from './import.ts';

test('an import that ends on a full disk sums up what it did before it says so', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-import-'));
  for (const name of ['1', '2', '3']) fs.writeFileSync(path.join(folder, name), 'bytes');
  let taken = 0;
  const file = async () => {
    if (++taken > 2) throw new LecternError('disk-full', 'The disk is full.');
    return { outcome: 'stored', sizeBytes: 5 };
  };
  const audited: unknown[] = [];
  const useCases = { check: () => undefined, auditImport: (...args: unknown[]) => void audited.push(args[1]) };
  const lines: string[] = [];
  const context = {
    operands: [folder],
    flags: new Set(['json']),
    values: new Map(),
    pathOf: (given: string) => given,
    print: (line: string) => void lines.push(line),
    progress: () => undefined,
    isWatched: false,
    signal: new AbortController().signal,
    checkStopped: () => undefined,
    open: () => Promise.resolve({ open: () => ({ archive: { ingest: { file } }, useCases }) }),
  };
  await expect(importCommand.run(context as unknown as CommandContext)).rejects.toThrow('The disk is full.');
  fs.rmSync(folder, { recursive: true });
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ summary: { files: 2, stored: 2, bytes: 10 } });
  expect(audited).toEqual([false]);
});
