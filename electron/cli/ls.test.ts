import { expect, test } from 'vitest';
import { image } from '#backend/measurements/testing.ts';
import { backendForEachTest } from '#backend/routes/testing.ts';
import type { CommandContext } from './command.ts';
import { lsCommand } from './ls.ts';
import { rebuildCommand } from './maintain.ts';

const at = backendForEachTest();

const contextOf = (printed: string[], noted: string[]): CommandContext =>
  ({
    operands: [],
    flags: new Set<string>(),
    values: new Map(),
    lists: new Map(),
    print: (line: string) => printed.push(line),
    note: (line: string) => noted.push(line),
    checkStopped: () => undefined,
    open: () => Promise.resolve(at.backend),
  }) as unknown as CommandContext;

test('a study that is not whole is listed with what it lacks, and that is no success', async () => {
  await at.take(at.put('a.dcm', image('1.2.3.1.1')), at.put('b.dcm', image('1.2.3.1.2')));
  const { archive } = at.backend.open();
  const [{ studyUid, seriesUid } = { studyUid: '', seriesUid: '' }] = archive.index.locateAll({});
  const printed: string[] = [];
  const noted: string[] = [];
  expect(await lsCommand.run(contextOf(printed, noted))).toBe(0);
  archive.index.expect(studyUid, 'PACS', [{ seriesUid, count: 3 }], { isWhole: true });
  expect(await lsCommand.run(contextOf(printed, noted))).toBe(3);
  expect([printed.length, noted]).toEqual([
    2,
    [
      `Study ${studyUid} is not whole here: 1 instance that a node has is not here yet: retrieve the study again for the rest.`,
    ],
  ]);
});

test('while the index is to be made anew ls says that it lists not all; rebuild ends the job that waits to do it', async () => {
  await at.take(at.put('a.dcm', image('1.2.3.1.1')));
  const printed: string[] = [];
  const noted: string[] = [];
  const context = contextOf(printed, noted);
  const { archive, jobs } = at.backend.open();
  await expect(archive.rebuild(() => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
  const { id } = jobs.start('rebuild', 'the index', {});
  jobs.pause(id);
  expect(await lsCommand.run(context)).toBe(3);
  expect(noted).toEqual([expect.stringContaining('Not all that is stored is listed')]);
  expect(await rebuildCommand.run(context)).toBe(0);
  expect(jobs.get(id).state).toBe('done');
  printed.length = 0;
  expect(await lsCommand.run(context)).toBe(0);
  expect([printed, noted]).toEqual([[expect.stringContaining('1.2.3')], [expect.anything()]]);
});
