// `lectern find`: which keys a call asks with, and what it makes of the answers.
import { beforeEach, expect, test } from 'vitest';
import type { QueryRequest } from '#backend/sources/source.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { CommandContext } from './command.ts';
import { findCommand } from './find.ts';

const notes: string[] = [];
const printed: string[] = [];
beforeEach(() => [notes, printed].forEach((list) => list.splice(0)));

async function requestOf(
  level: string,
  match: string[],
  include: string[] = [],
  answers: readonly DicomJson[] = [],
  exitCode = 0,
): Promise<QueryRequest> {
  const asked: QueryRequest[] = [];
  const source = {
    query: async function* query(request: QueryRequest) {
      asked.push(request);
      for (const dataset of answers) yield { kind: 'match', dataset };
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
    print: (text: string) => printed.push(text),
    note: (text: string) => notes.push(text),
    open: () => Promise.resolve({ open: () => parts }),
  };
  expect(await findCommand.run(context as unknown as CommandContext)).toBe(exitCode);
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

test('the same answer is listed once, and one that names no study is; both are told', async () => {
  const study = (uid: string): DicomJson => ({ '0020000D': { vr: 'UI', Value: [uid] } });
  await requestOf('study', [], [], [study('1.2'), study('1.2'), study('1.3'), study('../x'), study('1.2'), {}], 3);
  expect(printed.map((line) => line.trim())).toEqual(['1.2', '1.3', '../x', '']);
  expect(notes).toEqual([
    'pacs repeats itself word for word in 2 of its 6 answers, which are left out.',
    'pacs names no study by a UID in 2 of its answers: nothing can be asked for by them.',
  ]);
});

test('where letters beyond ASCII find nothing, it is said that this may be the character set', async () => {
  await requestOf('study', ['PatientName=Mueller*']);
  expect(notes).toEqual([]);
  await requestOf('study', ['PatientName=Müller*']);
  expect(notes).toEqual([expect.stringContaining('set its --charset') as string]);
});
