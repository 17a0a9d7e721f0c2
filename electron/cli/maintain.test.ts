import { expect, test } from 'vitest';
import { image, lengthOf } from '#backend/measurements/testing.ts';
import { backendForEachTest } from '#backend/routes/testing.ts';
import type { CommandContext } from './command.ts';
import { rmCommand } from './maintain.ts';

const at = backendForEachTest();

test('rm keeps a study with lengths that were sent nowhere, unless it is told to remove them too', async () => {
  await at.take(at.put('a.dcm', image('1.2.3.1.1')));
  const { marks } = at.backend.open();
  marks.lengths.keep(lengthOf('00000000-0000-4000-8000-000000000001'), 'tester');
  const printed: string[] = [];
  const run = (...flags: string[]): Promise<number> =>
    rmCommand.run({
      operands: ['1.2.3'],
      flags: new Set(flags),
      print: (line: string) => printed.push(line),
      open: () => Promise.resolve(at.backend),
    } as unknown as CommandContext);
  await expect(run()).rejects.toThrow('1 length and 0 key images of it were sent nowhere');
  expect(at.studies()).toEqual(['1.2.3']);
  expect(await run('with-marks')).toBe(0);
  expect([printed, at.studies()]).toEqual([['removed 1.2.3'], []]);
});
