// `lectern get` and `send`: what they say where our own disk is full, and of what is cut.
import { expect, test } from 'vitest';
import { NO_LACK } from '#backend/archive/lacks.ts';
import { NOT_ALL_LISTED, WORDS_OF_LOSS } from '#backend/archive/lost-instances.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { RetrieveProgress, StoreOutcome } from '#backend/sources/source.ts';
import type { TransferResult } from '#backend/transfer/retrieve.ts';
import type { CommandContext } from './command.ts';
import { getCommand, sendCommand } from './transfer.ts';

/** A call about one study at the node `pacs`, whose lines and notes go to `lines`. */
const contextOf = (transfers: object, lines: string[], flags: readonly string[], kind = 'dicomweb'): CommandContext =>
  ({
    operands: ['pacs', '1.2'],
    flags: new Set(flags),
    values: new Map(),
    print: (line: string) => void lines.push(line),
    progress: () => undefined,
    signal: new AbortController().signal,
    note: (text: string) => void lines.push(text),
    open: () => Promise.resolve({ open: () => ({ nodes: { get: () => ({ kind }) }, transfers }) }),
  }) as unknown as CommandContext;

/** Runs `get` where the retrieval ends so; `lines` is what it prints. */
function getting(result: TransferResult, lines: string[], flags: readonly string[] = []): Promise<number> {
  return getCommand.run(contextOf({ retrieve: () => Promise.resolve(result) }, lines, flags));
}

test('a study that did not come since the disk is full: the summary, then that sentence', async () => {
  const stopped = new LecternError('disk-full', 'The disk is full.');
  const result = { expected: 5, received: 2, failed: [], cut: [], ofOtherPatient: [], warnings: [], bytes: 2, stopped };
  const lines: string[] = [];
  await expect(getting(result, lines, ['json'])).rejects.toBe(stopped);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ summary: { received: 2, failed: 3 } }]);
});

test('what came cut is here, named, and no success', async () => {
  const cut = [{ sopInstanceUid: '1.2.3', reason: 'The file ends inside the pixel data.' }];
  const result = { expected: 6, received: 6, failed: [], cut, ofOtherPatient: [], warnings: [], bytes: 6 };
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

test('what names another patient than its study is here, named, and no success', async () => {
  const ofOtherPatient = [{ sopInstanceUid: '1.2.3', reason: 'It names another patient.' }];
  const result = { expected: 6, received: 6, failed: [], cut: [], ofOtherPatient, warnings: [], bytes: 6 };
  const lines: string[] = [];
  expect(await getting(result, lines)).toBe(3);
  expect(lines).toEqual([
    'other-patient: 1.2.3 It names another patient.',
    '1 of the instances from pacs names another patient than the study that it belongs to: look whose images these are before you read them.',
    expect.stringMatching(/^6 of 6 instances received, 0 failed /),
  ]);
});

test('what is sent and is cut here is named, and no success', async () => {
  const outcomes = ['1.2.3', '1.2.4'].map((sopInstanceUid): StoreOutcome => ({
    sopClassUid: '1.2',
    sopInstanceUid,
    outcome: 'sent',
    bytes: 1,
  }));
  const lines: string[] = [];
  const context = (flags: readonly string[]): CommandContext => {
    const transfers = {
      locate: () => outcomes,
      lackOf: () => NO_LACK,
      lostOf: () => [],
      isCut: (uid: string) => uid === '1.2.4',
      send: (_node: string, _locations: unknown, onOutcome: (outcome: StoreOutcome) => void) => {
        for (const outcome of outcomes) onOutcome(outcome);
        return Promise.resolve(outcomes);
      },
    };
    return contextOf(transfers, lines, flags);
  };
  expect(await sendCommand.run(context([]))).toBe(3);
  expect(lines).toEqual([
    'cut: 1.2.4 It is cut here, without its end, and was sent so.',
    '1 instance is cut here, without its end: what pacs got of it is not whole.',
    expect.stringMatching(/^2 of 2 instances sent, 0 failed /),
  ]);
  lines.length = 0;
  expect(await sendCommand.run(context(['json']))).toBe(3);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ sopInstanceUid: '1.2.4', outcome: 'cut' });
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ summary: { sent: 2, failed: 0, cut: 1 } });
});

test('of a study that is not whole here the missing are named, and that is no success', async () => {
  const outcome: StoreOutcome = { sopClassUid: '1.2', sopInstanceUid: '1.2.3', outcome: 'sent', bytes: 1 };
  const transfers = {
    locate: () => [outcome],
    lackOf: () => ({ ...NO_LACK, missingCount: 2, lostCount: 1 }),
    lostOf: () => ['1.2.4'],
    isCut: () => false,
    send: (_node: string, _locations: unknown, onOutcome: (outcome: StoreOutcome) => void) => {
      onOutcome(outcome);
      return Promise.resolve([outcome]);
    },
  };
  const lines: string[] = [];
  expect(await sendCommand.run(contextOf(transfers, lines, []))).toBe(3);
  expect(lines).toEqual([
    `missing: 1.2.4 ${WORDS_OF_LOSS}`,
    'What pacs got is not whole: 1 instance stored here before is lost: retrieve or import the study again. ' +
      '1 instance that a node has is not here yet: retrieve the study again for the rest.',
    expect.stringMatching(/^1 of 3 instances sent, 0 failed, 2 missing here /),
  ]);
  lines.length = 0;
  expect(await sendCommand.run(contextOf(transfers, lines, ['json']))).toBe(3);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ summary: { expected: 3, sent: 1, failed: 0, missing: 2 } });
  lines.length = 0;
  const beingMadeAnew = { ...transfers, lostOf: () => [], lackOf: () => ({ ...NO_LACK, isUnlisted: true }) };
  expect(await sendCommand.run(contextOf(beingMadeAnew, lines, []))).toBe(3);
  expect(lines).toEqual([
    `What pacs got may not be whole. ${NOT_ALL_LISTED}`,
    expect.stringMatching(/^1 of 1 instances sent, 0 failed /),
  ]);
});

test('one that is stopped still says what came', async () => {
  const stop = new AbortController();
  const transfers = {
    retrieve: (_node: string, _selection: unknown, { onProgress }: { onProgress(now: RetrieveProgress): void }) => {
      onProgress({ expected: 6, received: 4, failed: 0, bytes: 4 });
      stop.abort(new Error('Stopped.'));
      return Promise.reject(stop.signal.reason as Error);
    },
  };
  const lines: string[] = [];
  const context = { ...contextOf(transfers, lines, ['json']), signal: stop.signal };
  await expect(getCommand.run(context)).rejects.toThrow('Stopped.');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { summary: { expected: 6, received: 4, failed: 2, bytes: 4 } },
  ]);
});

test('a sending that is stopped while the node is asked whether it answers says what was sent', async () => {
  const stop = new AbortController();
  const sent: StoreOutcome = { sopClassUid: '1.2', sopInstanceUid: '1.2.3', outcome: 'sent', bytes: 1 };
  const transfers = {
    locate: () => [sent],
    lackOf: () => NO_LACK,
    lostOf: () => [],
    isCut: () => false,
    send: (_node: string, _locations: unknown, onOutcome: (outcome: StoreOutcome) => void) => {
      onOutcome(sent);
      return Promise.resolve([sent]);
    },
    commit: () => {
      stop.abort(new Error('Stopped.'));
      return Promise.reject(stop.signal.reason as Error);
    },
  };
  const lines: string[] = [];
  const context = { ...contextOf(transfers, lines, ['json', 'commit'], 'dimse'), signal: stop.signal };
  await expect(sendCommand.run(context)).rejects.toThrow('Stopped.');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { summary: { expected: 1, sent: 1, failed: 0, committed: 0 } },
  ]);
});
