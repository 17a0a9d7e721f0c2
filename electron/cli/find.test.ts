// `lectern find`: which keys a call asks with.
import { expect, test } from 'vitest';
import type { QueryRequest } from '#backend/sources/source.ts';
import type { CommandContext } from './command.ts';
import { findCommand } from './find.ts';

const notes: string[] = [];

async function requestOf(level: string, match: string[], include: string[] = []): Promise<QueryRequest> {
  const asked: QueryRequest[] = [];
  const source = {
    query: async function* query(request: QueryRequest) {
      asked.push(request);
      yield* [];
    },
  };
  const parts = {
    transfers: { with: (_name: string, work: (opened: object) => Promise<unknown>) => work(source) },
    useCases: { check: () => undefined, audit: () => undefined },
  };
  const context = {
    operands: ['pacs'],
    flags: new Set(),
    values: new Map([['level', level]]),
    lists: new Map([
      ['match', match],
      ['include', include],
    ]),
    print: () => undefined,
    note: (text: string) => notes.push(text),
    open: () => Promise.resolve({ open: () => parts }),
  };
  expect(await findCommand.run(context as unknown as CommandContext)).toBe(0);
  const [request] = asked;
  if (!request) throw new Error('nothing was asked');
  return request;
}

test('in a worklist, what belongs to the step is asked for in the step', async () => {
  const today = 'ScheduledProcedureStepStartDate=20261129';
  const request = await requestOf('worklist', [today, 'Modality=CT', 'PatientID=P1'], ['ScheduledStationName']);
  expect(request.keys).toEqual([
    { path: ['00400100', '00400002'], vr: 'DA', value: '20261129' },
    { path: ['00400100', '00080060'], vr: 'CS', value: 'CT' },
    { path: ['00100020'], vr: 'LO', value: 'P1' },
  ]);
  expect(request.include).toEqual(['00400100.00400010']);
});

test('paths stay as they are written, and so do the keys of other levels', async () => {
  const step = 'ScheduledProcedureStepSequence.Modality=CT';
  expect((await requestOf('worklist', [step])).keys).toEqual([
    { path: ['00400100', '00080060'], vr: 'CS', value: 'CT' },
  ]);
  expect((await requestOf('series', ['Modality=CT'])).keys).toEqual([{ path: ['00080060'], vr: 'CS', value: 'CT' }]);
});

test('where letters beyond ASCII find nothing, it is said that this may be the character set', async () => {
  await requestOf('study', ['PatientName=Mueller*']);
  expect(notes).toEqual([]);
  await requestOf('study', ['PatientName=Müller*']);
  expect(notes).toEqual([expect.stringContaining('set its --charset') as string]);
});
