// Priors of what arrives: which studies a node is asked for, and what of its answers is fetched.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { priorRules } from '#shared/contract/receiver.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { text, type Dataset } from '#shared/testing/dicom-builder.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import type { QueryRequest, Source } from '#backend/sources/source.ts';
import { backendForEachTest, instance } from '../routes/testing.ts';
import { ArrivalRules } from './arrival-rules.ts';
import type { Transfers } from './transfers.ts';

const at = backendForEachTest();

/** What the node has, by level; it answers nothing that is not asked for. */
let rows: Partial<Record<QueryRequest['level'], DicomJson[]>>;
let asked: QueryRequest[];
let started: string[];
/** By jobs that were over when they began. */
let told: string[];
/** Studies are told once this resolves. */
let gate: Promise<void>;
/** What it refuses, of what was asked so far and this. */
let refuse: (request: QueryRequest) => boolean;
/** To what it is asked of series. */
let refusal: LecternError | undefined;
let rules: ArrivalRules;

const json = (vr: string, value: string): { vr: string; Value: string[] } => ({ vr, Value: [value] });
const DEFAULT = ['0020000D', '0020000E', '00100020', '00080020', '00080061'];

beforeEach(() => {
  [rows, asked, started, told, refusal] = [{}, [], [], [], undefined];
  [gate, refuse] = [Promise.resolve(), () => false];
  const query: Source['query'] = async function* query(request) {
    asked.push(request);
    if (refusal && request.level === 'series') throw refusal;
    if (refuse(request)) throw new LecternError('peer-rejected', 'No more.');
    if (request.level === 'study') await gate;
    const told = new Set([...DEFAULT, ...request.include]);
    const studyUid = request.keys.find(({ path }) => path[0] === '0020000D')?.value;
    let given = 0;
    for (const row of rows[request.level] ?? []) {
      if (studyUid !== undefined && row['0020000D']?.Value?.[0] !== studyUid) continue;
      if (given++ === request.limit) return void (yield { kind: 'notice', code: 'cut', reason: 'More match.' });
      const dataset = Object.fromEntries(Object.entries(row).filter(([tag]) => told.has(tag)));
      yield { kind: 'match', dataset, repairs: [] };
    }
  };
  const source = { query } as Source;
  const { archive } = at.backend.open();
  rules = new ArrivalRules({
    settings: at.backend.open().settings,
    archive,
    jobs: {
      start: (_kind: string, _title: string, input: { studyUid: string }) => void started.push(input.studyUid),
      startDriven: (_kind: string, title: string) => ({
        end: (state: string, message: string) => void told.push(`${title} ${state}: ${message}`),
      }),
      inputs: () => started.map((studyUid) => ({ job: { studyUid, finishedAt: null }, input: {} })),
    } as unknown as JobQueue,
    transfers: { with: (_node: string, ask: (source: Source) => unknown) => ask(source) } as unknown as Transfers,
    nodes: { has: () => true },
    onBug: (error) => at.bugs.push(error),
  });
});

const study = (studyUid: string, date: string, more: DicomJson = {}): DicomJson => ({
  '0020000D': json('UI', studyUid),
  '00100020': json('LO', 'P1'),
  '00080020': json('DA', date),
  ...more,
});

const setPriors = (more: object = {}): void =>
  rules.setPriors(priorRules.parse({ isOn: true, nodes: ['pacs'], sameModality: false, maxAgeYears: null, ...more }));

/** Takes in an instance of a study of P1 and tells the rules of it. */
async function arrives(number: number, sop: number, changed: Dataset): Promise<void> {
  const [studyUid, sopInstanceUid] = [`1.2.3.${number}`, `1.2.3.${number}.${sop}`];
  await at.take(at.put(sopInstanceUid, instance(number, sop, { '00100020': text('LO', 'P1'), ...changed })));
  rules.arrived('CT1', [{ studyUid, sopInstanceUid, outcome: 'stored' }]);
}

test('a study of another issuer of the same Patient ID is no prior, and takes no place of one', async () => {
  setPriors({ maxCount: 1 });
  const of = (issuer: string): DicomJson => ({ '00100021': json('LO', issuer) });
  rows = { study: [study('1.9.2', '20230301', of('SOUTH')), study('1.9.1', '20230101', of('NORTH'))] };
  await arrives(1, 1, { '00100021': text('LO', 'NORTH'), '00080020': text('DA', '20240301') });
  await expect.poll(() => started).toEqual(['1.9.1']);
});

test('where several issuers have given the ID and the study names none, nothing is fetched, and that is told once', async () => {
  setPriors();
  const of = (issuer: string): DicomJson => ({ '00100021': json('LO', issuer) });
  rows = { study: [study('1.9.2', '20230301', of('SOUTH')), study('1.9.1', '20230101', of('NORTH'))] };
  await arrives(1, 1, { '00080020': text('DA', '20240301') });
  await expect
    .poll(() => told)
    .toEqual([
      'Priors of P1 from pacs failed: The patient ID P1 is given by several issuers (NORTH, SOUTH), and this study or worklist entry names none: nothing was fetched. See which patient it is, and retrieve the earlier studies from pacs by hand.',
    ]);
  await arrives(1, 2, { '00080020': text('DA', '20240301') });
  expect([told.length, started]).toEqual([1, []]);
});

test('an issuer that is known here alone counts', async () => {
  await arrives(2, 1, { '00100021': text('LO', 'SOUTH'), '00080020': text('DA', '20220301') });
  setPriors();
  rows = { study: [study('1.9.1', '20230101', { '00100021': json('LO', 'NORTH') })] };
  await arrives(1, 1, { '00080020': text('DA', '20240301') });
  await expect.poll(() => told).toEqual([expect.stringContaining('(NORTH, SOUTH)')]);
  expect(started).toEqual([]);
});

test('of the same body part: it is taken from the series, here and there; what the node does not tell passes', async () => {
  setPriors({ sameBodyPart: true, maxCount: 2 });
  const series = (studyUid: string, number: number, bodyPart?: string): DicomJson => ({
    '0020000D': json('UI', studyUid),
    '0020000E': json('UI', `${studyUid}.${number}`),
    ...(bodyPart !== undefined && { '00180015': json('CS', bodyPart) }),
  });
  rows = {
    study: ['1.9.5', '1.9.4', '1.9.3', '1.9.2', '1.9.1'].map((uid) => study(uid, `202${uid.at(-1)}0101`)),
    series: [
      series('1.9.5', 1, 'HEAD'),
      series('1.9.4', 1),
      series('1.9.4', 2, 'CHEST'),
      series('1.9.3', 1, 'HEAD'),
      series('1.9.2', 1),
    ],
  };
  await arrives(1, 1, { '00180015': text('CS', 'CHEST'), '00080020': text('DA', '20260301') });
  await expect.poll(() => started).toEqual(['1.9.4', '1.9.2']);
  expect(asked.map(({ level }) => level)).toEqual(['study', 'series', 'series', 'series', 'series']);
});

test('a node that lists no series gives priors of any body part', async () => {
  setPriors({ sameBodyPart: true });
  rows = { study: [study('1.9.1', '20230101')] };
  refusal = new LecternError('peer-rejected', 'No series here.');
  await arrives(1, 1, { '00180015': text('CS', 'CHEST'), '00080020': text('DA', '20260301') });
  await expect.poll(() => started).toEqual(['1.9.1']);
  expect(rules.problems()).toEqual([]);
});

test('a later study of a patient has priors of its own, though an older one came first; none is fetched twice', async () => {
  setPriors();
  rows = { study: [study('1.9.2', '20250101'), study('1.9.1', '20230101')] };
  await arrives(1, 1, { '00080020': text('DA', '20240301') });
  await expect.poll(() => started).toEqual(['1.9.1']);
  await arrives(2, 1, { '00080020': text('DA', '20260301') });
  await expect.poll(() => started).toEqual(['1.9.1', '1.9.2']);
});

test('a study that comes image by image asks once, and again only for what makes another choice', async () => {
  setPriors({ sameModality: true, sameBodyPart: true });
  const ofSeries = (number: number, modality: string, bodyPart?: string): Dataset => ({
    '00080020': text('DA', '20260301'),
    '0020000E': text('UI', `1.2.3.1.0.${number}`),
    '00080060': text('CS', modality),
    ...(bodyPart !== undefined && { '00180015': text('CS', bodyPart) }),
  });
  await arrives(1, 1, ofSeries(1, 'CT', 'CHEST'));
  await arrives(1, 2, ofSeries(1, 'CT', 'CHEST'));
  await arrives(1, 3, ofSeries(2, 'SR'));
  expect(asked).toHaveLength(1);
  await arrives(1, 4, ofSeries(3, 'CT', 'ABDOMEN'));
  await arrives(1, 5, ofSeries(4, 'PT', 'ABDOMEN'));
  expect(asked).toHaveLength(3);
});

test('studies without a date ask each for itself', async () => {
  setPriors();
  await arrives(1, 1, {});
  await arrives(1, 2, {});
  expect(asked).toHaveLength(1);
  await arrives(2, 1, {});
  expect(asked).toHaveLength(2);
});

test('a worklist that has no end is cut, and that is said until it comes whole', async () => {
  setPriors({ worklistNode: 'ris' });
  const entry = { '00100020': json('LO', 'P1') };
  rows = { worklist: Array.from({ length: 100_002 }, () => entry) };
  expect(await rules.fetchForWorklist('20261129')).toBe(100_000);
  expect(rules.problems()).toMatchObject([
    {
      node: 'ris',
      what: 'rest-of-worklist',
      reason: 'More match. Priors of what is missing are looked for once its images come.',
    },
  ]);
  rows = { worklist: [entry] };
  expect(await rules.fetchForWorklist('20261129')).toBe(1);
  expect(rules.problems()).toEqual([]);
});

test('a list of studies that does not come whole is said with the patient, until it does', async () => {
  setPriors();
  const many = Array.from({ length: 100_001 }, (_, number) => study(`1.9.${number}`, '20230101'));
  rows = { study: many };
  await arrives(1, 1, { '00080020': text('DA', '20240301') });
  await expect.poll(() => started).toHaveLength(3);
  expect(rules.problems()).toMatchObject([
    {
      node: 'pacs',
      what: 'rest-of-priors',
      reason: 'More match. Priors of patient P1 were chosen from the 100000 studies that came.',
    },
  ]);
  rows = { study: many.slice(0, 1) };
  await arrives(2, 1, { '00080020': text('DA', '20250301') });
  await expect.poll(() => rules.problems()).toEqual([]);
});

describe('a worklist of many', () => {
  const isStudy = ({ level }: QueryRequest): boolean => level === 'study';
  const studiesAsked = (): number => asked.filter(isStudy).length;
  beforeEach(() => {
    setPriors({ worklistNode: 'ris' });
    rows = { worklist: Array.from({ length: 50 }, (_, number) => ({ '00100020': json('LO', `P${number}`) })) };
    // Later than the failures that come first: nothing is timed here.
    vi.useFakeTimers({ now: 1e12, toFake: ['Date'] });
  });
  afterEach(() => vi.useRealTimers());

  test('asks for four at a time, and not for each that waited at a node that goes away meanwhile', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    gate = promise;
    gate.catch(() => undefined);
    expect(await rules.fetchForWorklist('20261201')).toBe(50);
    expect(studiesAsked()).toBe(4);
    vi.setSystemTime(1e12 + 1000);
    reject(new LecternError('peer-unreachable', 'It is away.'));
    await expect
      .poll(() => rules.problems())
      .toMatchObject([
        { what: 'priors', reason: 'It is away. Priors of 50 studies or worklist entries were not looked for.' },
      ]);
    expect(studiesAsked()).toBe(4);
    // None came: all are asked for again.
    gate = Promise.resolve();
    await rules.fetchForWorklist('20261201');
    await expect.poll(() => rules.problems()).toEqual([]);
    expect(studiesAsked()).toBe(4 + 50);
  });

  test('what a node refuses now and then is told until it was looked for, though it answers the others', async () => {
    refuse = (request) => isStudy(request) && studiesAsked() % 2 === 0;
    await rules.fetchForWorklist('20261201');
    await expect
      .poll(() => rules.problems())
      .toMatchObject([{ reason: 'No more. Priors of 25 studies or worklist entries were not looked for.' }]);
    refuse = () => false;
    await rules.fetchForWorklist('20261201');
    await expect.poll(() => rules.problems()).toEqual([]);
    expect(studiesAsked()).toBe(50 + 25);
  });
});
