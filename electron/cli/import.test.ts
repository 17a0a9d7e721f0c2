// `lectern import`: a line for each file, its summary is the last one, whatever ended it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { UsageError } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { importCommand } from './import.ts';

/** A call to import a folder into what `parts` stand for, whose lines go to `lines`. */
const contextOf = (folder: string, flags: readonly string[], lines: string[], parts: object): CommandContext =>
  ({
    operands: [folder],
    flags: new Set(flags),
    values: new Map(),
    pathOf: (given: string) => given,
    print: (line: string) => void lines.push(line),
    progress: () => undefined,
    isWatched: false,
    signal: new AbortController().signal,
    checkStopped: () => undefined,
    open: () => Promise.resolve({ open: () => parts }),
  }) as unknown as CommandContext;

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
  const context = contextOf(folder, ['json'], lines, {
    archive: { ingest: { file }, onRemoval: () => () => undefined },
    useCases,
  });
  await expect(importCommand.run(context)).rejects.toThrow('The disk is full.');
  fs.rmSync(folder, { recursive: true });
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ summary: { files: 2, stored: 2, bytes: 10 } });
  expect(audited).toEqual([false]);
});

test('names of files neither break their line nor steer the terminal', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-import-'));
  fs.writeFileSync(path.join(folder, 'a'), 'bytes');
  const lines: string[] = [];
  const file = () =>
    Promise.resolve({ outcome: 'refused', code: 'malformed', reason: 'It is\u001b[31m no\nfile.', sizeBytes: 5 });
  const useCases = { check: () => undefined, auditImport: () => undefined };
  const context = contextOf(folder, [], lines, {
    archive: { ingest: { file }, onRemoval: () => () => undefined },
    useCases,
  });
  expect(await importCommand.run(context)).toBe(3);
  fs.rmSync(folder, { recursive: true });
  expect(lines[0]).toMatch(/^refused: .*a: It is \[31m no file\.$/);
});

test('a file of the ZIP password that cannot be read is a wrong call', async () => {
  const context = {
    operands: [import.meta.dirname],
    flags: new Set(),
    values: new Map([['zip-password-file', import.meta.dirname]]),
    pathOf: (given: string) => given,
  };
  await expect((async () => importCommand.run(context as unknown as CommandContext))()).rejects.toThrow(
    new UsageError(`The ZIP password file ${import.meta.dirname} cannot be read.`),
  );
});

test('what was removed while the import ran is said beside its summary, and wants a look', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-import-'));
  for (const name of ['a', 'b']) fs.writeFileSync(path.join(folder, name), 'bytes');
  let count = 0;
  let onRemoved: (studyUid: string) => void = () => undefined;
  const archive = {
    ingest: {
      file: () => {
        // When the first one is in, and the second one comes.
        if (++count === 2) onRemoved('1.2.3');
        return Promise.resolve({ outcome: 'stored', studyUid: '1.2.3', sizeBytes: 5 });
      },
    },
    onRemoval: (listener: typeof onRemoved) => {
      onRemoved = listener;
      return () => undefined;
    },
  };
  const useCases = { check: () => undefined, auditImport: () => undefined };
  const lines: string[] = [];
  const notes: string[] = [];
  const context = {
    ...contextOf(folder, [], lines, { archive, useCases }),
    note: (said: string) => void notes.push(said),
  };
  expect(await importCommand.run(context)).toBe(3);
  fs.rmSync(folder, { recursive: true });
  expect(lines.at(-1)).toContain('2 stored');
  expect(notes).toEqual([expect.stringMatching(/^1 file that came is not in the archive any more/)]);
});
