// Priors of what arrives: which studies a node is asked for, and what of its answers is fetched.
import { beforeEach, expect, test } from 'vitest';
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
let rules: ArrivalRules;

const json = (vr: string, value: string): { vr: string; Value: string[] } => ({ vr, Value: [value] });
const DEFAULT = ['0020000D', '0020000E', '00100020', '00080020', '00080061'];

beforeEach(() => {
  [rows, asked, started] = [{}, [], []];
  const query: Source['query'] = async function* query(request) {
    asked.push(request);
    const told = new Set([...DEFAULT, ...request.include]);
    const studyUid = request.keys.find(({ path }) => path[0] === '0020000D')?.value;
    for (const row of rows[request.level] ?? []) {
      if (studyUid !== undefined && row['0020000D']?.Value?.[0] !== studyUid) continue;
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
      inputs: () => [],
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
