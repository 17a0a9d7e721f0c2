// Bringing a study whole, with a node made here: shared out among connections, what is missing asked for again and named.
import { describe, expect, test } from 'vitest';
import type { QueryAnswer, RetrieveProgress, RetrieveResult, Selection, Source } from '#backend/sources/source.ts';
import { memorySink } from '#backend/sources/dimse/testing/memory-sink.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { retrieveWhole, type StudyTransfer, type TransferResult } from './retrieve.ts';

const STUDY = '1.2';
/** Series of the node with their instances. */
const SERIES: Record<string, string[]> = { '1.2.1': ['a', 'b', 'c'], '1.2.2': ['d'], '1.2.3': ['e', 'f'] };

interface Node {
  /** Never given. */
  unable?: readonly string[];
  /** Called before each retrieval. */
  before?(selection: Selection): Promise<void> | void;
}

function nodeWith({ unable = [], before }: Node) {
  const here = new Set<string>();
  const asked: Selection[] = [];
  const told: RetrieveProgress[] = [];
  const query: Source['query'] = async function* (request): AsyncGenerator<QueryAnswer> {
    const seriesUid = request.keys.find(({ path }) => path[0] === '0020000E')?.value;
    const ui = (value: string): { vr: string; Value: string[] } => ({ vr: 'UI', Value: [value] });
    if (request.level === 'series')
      for (const [uid, instances] of Object.entries(SERIES)) {
        const count = { vr: 'IS', Value: [instances.length] };
        yield { kind: 'match', repairs: [], dataset: { '0020000E': ui(uid), '00201209': count } };
      }
    else
      for (const uid of SERIES[seriesUid ?? ''] ?? [])
        yield { kind: 'match', repairs: [], dataset: { '00080018': ui(uid) } };
  };
  const retrieve: Source['retrieve'] = async (selection, _sink, onProgress): Promise<RetrieveResult> => {
    asked.push(selection);
    await before?.(selection);
    const { seriesUid, seriesUids, sopInstanceUids } = selection;
    const series = seriesUids ?? (seriesUid === undefined ? Object.keys(SERIES) : [seriesUid]);
    const wanted = sopInstanceUids ?? series.flatMap((uid) => SERIES[uid] ?? []);
    const given = wanted.filter((uid) => !unable.includes(uid));
    for (const uid of given) here.add(uid);
    const progress = { expected: wanted.length, received: given.length, failed: 0, bytes: given.length };
    onProgress(progress);
    const unnamed = wanted.slice(given.length).map(() => ({ reason: 'The other system could not send it.' }));
    return { ...progress, failed: unnamed, warnings: [] };
  };
  const source = { query, retrieve } as Pick<Source, 'query' | 'retrieve'> as Source;
  const index = {
    locate: (uid: string) => (here.has(uid) ? ({} as ReturnType<StudyTransfer['index']['locate']>) : undefined),
    locateAll: ({ seriesUid }: { seriesUid?: string }) =>
      (seriesUid === undefined ? [...here] : (SERIES[seriesUid] ?? []).filter((uid) => here.has(uid))).map(
        () => ({}) as NonNullable<ReturnType<StudyTransfer['index']['locate']>>,
      ),
    conflictsWith: () => false,
    expect: () => undefined,
  };
  const run = (connections: number, retries = 0): Promise<TransferResult> =>
    retrieveWhole({
      source,
      index,
      connections,
      retries,
      sink: memorySink(),
      selection: { studyUid: STUDY, patientId: 'P-1' },
      name: 'PACS',
      onProgress: (progress) => told.push(progress),
      signal: new AbortController().signal,
    });
  return { run, asked, told, here };
}

describe('retrieveWhole', () => {
  test('one connection asks for the study, several share its series and count together', async () => {
    const alone = nodeWith({});
    expect(await alone.run(1)).toMatchObject({ expected: 6, received: 6, failed: [] });
    expect(alone.asked).toEqual([{ studyUid: STUDY, patientId: 'P-1' }]);
    const shared = nodeWith({});
    expect(await shared.run(2)).toMatchObject({ expected: 6, received: 6, failed: [], bytes: 6 });
    expect(shared.asked.map(({ seriesUids }) => seriesUids)).toEqual([['1.2.1'], ['1.2.2', '1.2.3']]);
    expect(shared.told.at(-1)).toMatchObject({ expected: 6, received: 6 });
  });

  test('they fetch at the same time, and no more than so many', async () => {
    let open = 0;
    let most = 0;
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => (meet = resolve));
    const node = nodeWith({
      before: async () => {
        most = Math.max(most, ++open);
        if (open === 2) meet();
        await met;
        open--;
      },
    });
    await node.run(2);
    expect(most).toBe(2);
  });

  test('what does not come is named one by one, even where the node only counts', async () => {
    const node = nodeWith({ unable: ['b', 'f'] });
    const result = await node.run(2);
    expect(result).toMatchObject({ expected: 6, received: 4 });
    expect(result.failed).toEqual([
      { sopInstanceUid: 'b', reason: 'It did not come.' },
      { sopInstanceUid: 'f', reason: 'It did not come.' },
    ]);
  });

  test('a node that allows one connection: the other one takes over its series', async () => {
    let open = 0;
    let release: () => void = () => undefined;
    const refused = new Promise<void>((resolve) => (release = resolve));
    const node = nodeWith({
      before: async () => {
        if (open > 0) {
          release();
          throw new LecternError('peer-rejected', 'No more associations.');
        }
        open++;
        await refused;
        open--;
      },
    });
    expect(await node.run(2)).toMatchObject({ expected: 6, received: 6, failed: [], warnings: [] });
    expect(node.asked.map(({ seriesUids }) => seriesUids)).toEqual([['1.2.1'], ['1.2.2', '1.2.3'], ['1.2.2', '1.2.3']]);
  });

  test('cut and cut again, only what is missing is asked for by the next try', async () => {
    let breaks = 3;
    const node = nodeWith({
      before: ({ seriesUids }) => {
        if (seriesUids?.includes('1.2.1') && breaks-- > 0) throw new LecternError('peer-closed', 'Cut.');
      },
    });
    expect(await node.run(2, 1)).toMatchObject({ expected: 6, received: 6, failed: [] });
    expect(node.asked.at(-1)).toEqual({
      studyUid: STUDY,
      patientId: 'P-1',
      seriesUid: '1.2.1',
      sopInstanceUids: ['a', 'b', 'c'],
    });
  });
});
