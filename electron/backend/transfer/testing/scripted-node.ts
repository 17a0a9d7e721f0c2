// A node made here, with three series, that does what a test asks of it; and bringing its study into an archive made here.
import type {
  QueryAnswer,
  RetrieveProgress,
  RetrieveResult,
  Selection,
  SinkOutcome,
  Source,
} from '#backend/sources/source.ts';
import { memorySink } from '#backend/sources/dimse/testing/memory-sink.ts';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import { isWithin, type SeriesExpectation } from '../node-lists.ts';
import { retrieveWhole, type TransferResult } from '../retrieve.ts';

export const STUDY = '1.2';
/** Series of the node with their instances. */
export const SERIES: Record<string, string[]> = { '1.2.1': ['a', 'b', 'c'], '1.2.2': ['d'], '1.2.3': ['e', 'f'] };

interface ScriptedNode {
  /** Never given. */
  unable?: readonly string[];
  /** Called before each retrieval. */
  before?(selection: Selection): Promise<void> | void;
  /** Given cut, so many times each. */
  cuts?: Record<string, number>;
  /** Cut in the archive before. */
  heldCut?: readonly string[];
  /** In the archive before, and there in a series under other UIDs than the node's. */
  held?: readonly string[];
  others?: Record<string, string[]>;
  /** Counts that differ from what the node has. */
  counts?: Record<string, number>;
  /** Whether this list of series, counted from 1, names each by a UID that the node does not have. */
  misnames?(list: number): boolean;
  /** Most rows of a list; whether the node says so where it cuts. */
  mostRows?: number;
  saysCut?: boolean;
  /** It takes no queries, or none for instances. */
  isMute?: boolean;
  listsNoInstances?: boolean;
  /** So many queries break off, once something came; by this error. */
  breaks?: number;
  breakCode?: ErrorCode;
  /** Each retrieval breaks off after so many. */
  breaksAfter?: number;
  /** It says success to what it does not have. */
  isSilent?: boolean;
  /** It does not count what it sends; its protocol does not. */
  saysNothing?: boolean;
  givesUncounted?: true;
  /** Counted as given, the first time, and not given. */
  loses?: readonly string[];
  /** It lists instances of one series only, not of a study. */
  isHierarchical?: boolean;
  /** Failures that it counts and does not name, though it gave them. */
  falselyFailed?: number;
  /** What it says of its first retrievals. */
  warnings?: string[];
  /** Study of an instance that it gives. */
  studyOf?(sopInstanceUid: string): string;
  /** Series of an instance by its own data set, where it is another than the node lists it in. */
  seriesOf?(sopInstanceUid: string): string;
  /** Rows of other studies and series that it gives too. */
  foreign?: boolean;
  /** What our own side makes of an instance, where it does not store it. */
  refuses?(uid: string): SinkOutcome | undefined;
  /** Named for another patient than the study. */
  ofOtherPatient?: readonly string[];
}

export function nodeWith({
  unable = [],
  before,
  refuses,
  held = [],
  cuts = {},
  heldCut = [],
  ofOtherPatient = [],
  others = {},
  counts = {},
  breaks = 0,
  ...lists
}: ScriptedNode) {
  const here = new Set([...held, ...heldCut]);
  const cutHere = new Set(heldCut);
  const placeOf = (uid: string): { studyUid: string; seriesUid: string } => ({
    studyUid: held.includes(uid) ? STUDY : (lists.studyOf?.(uid) ?? STUDY),
    seriesUid:
      lists.seriesOf?.(uid) ??
      Object.entries(others).find(([, uids]) => uids.includes(uid))?.[0] ??
      Object.entries(SERIES).find(([, uids]) => uids.includes(uid))?.[0] ??
      '',
  });
  const asked: Selection[] = [];
  /** Series of which instances were listed; '' is the study. */
  const listed: string[] = [];
  const told: RetrieveProgress[] = [];
  const pauses: string[] = [];
  const unasked: string[] = [];
  const expectations: Record<string, number | null> = {};
  let seriesLists = 0;
  const query: Source['query'] = async function* (request): AsyncGenerator<QueryAnswer> {
    if (breaks > 0 && here.size > 0 && breaks--) throw new LecternError(lists.breakCode ?? 'peer-closed', 'Cut.');
    if (lists.isMute || (lists.listsNoInstances && request.level === 'instance'))
      throw new LecternError('peer-rejected', 'No queries here.');
    const seriesUid = request.keys.find(({ path }) => path[0] === '0020000E')?.value;
    if (request.level === 'instance') listed.push(seriesUid ?? '');
    if (request.level === 'instance' && seriesUid === undefined && lists.isHierarchical)
      throw new LecternError('peer-failed', 'Name a series.');
    const ui = (value: string): { vr: string; Value: string[] } => ({ vr: 'UI', Value: [value] });
    const suffix = request.level === 'series' && lists.misnames?.(++seriesLists) ? '9' : '';
    const rows =
      request.level === 'series'
        ? Object.entries(SERIES).map(([uid, instances]) => ({
            '0020000E': ui(`${uid}${suffix}`),
            '00201209': { vr: 'IS', Value: [counts[uid] ?? instances.length] },
          }))
        : Object.entries(SERIES).flatMap(([series, instances]) =>
            seriesUid === undefined || seriesUid === series
              ? instances.map((uid) => ({ '0020000E': ui(series), '00080018': ui(uid) }))
              : [],
          );
    const foreign = lists.foreign
      ? [
          {
            '0020000D': ui('1.9'),
            '0020000E': ui('1.9.1'),
            '00080018': ui('1.9.1.1'),
            '00201209': { vr: 'IS', Value: [7] },
          },
        ]
      : [];
    for (const dataset of [...foreign, ...rows.slice(0, lists.mostRows), ...rows.slice(0, lists.foreign ? 1 : 0)])
      yield { kind: 'match', repairs: [], dataset };
    if (lists.saysCut && rows.length > (lists.mostRows ?? rows.length))
      yield { kind: 'notice', code: 'cut-by-peer', reason: 'The other system ended the list early.' };
  };
  const retrieve: Source['retrieve'] = async (selection, sink, onProgress, signal): Promise<RetrieveResult> => {
    asked.push(selection);
    await before?.(selection);
    const { seriesUid, seriesUids, sopInstanceUids } = selection;
    const series = seriesUids ?? (seriesUid === undefined ? Object.keys(SERIES) : [seriesUid]);
    const all = sopInstanceUids ?? series.flatMap((uid) => SERIES[uid] ?? []);
    const wanted = lists.isSilent ? all.filter((uid) => !unable.includes(uid)) : all;
    const given = wanted.filter((uid) => !unable.includes(uid));
    const lost = asked.length === 1 ? (lists.loses ?? []) : [];
    const sent = given.filter((uid) => !lost.includes(uid));
    const coming = sent.slice(0, lists.breaksAfter);
    for (const uid of coming) {
      signal.throwIfAborted();
      const writer = sink.open({ sopInstanceUid: uid, peer: 'PACS' });
      await writer.write(new Uint8Array(1));
      // As DIMSE does: what is not taken in is answered for, and the next one comes.
      await writer.finish().catch(() => writer.abort());
    }
    const progress = {
      expected: lists.saysNothing ? null : wanted.length,
      received: sent.length,
      failed: 0,
      bytes: sent.length,
    };
    onProgress(progress);
    if (coming.length < sent.length) throw new LecternError('peer-aborted', 'It aborted.');
    const unnamed = Array.from({ length: wanted.length - given.length + (lists.falselyFailed ?? 0) }, () => ({
      reason: 'The other system could not send it.',
    }));
    return { ...progress, failed: unnamed, warnings: lists.warnings?.splice(0, 1) ?? [] };
  };
  const { givesUncounted } = lists;
  const source = { query, retrieve, ...(givesUncounted && { givesUncounted }) } as Partial<Source> as Source;
  const index = {
    damage: {
      isWhole: (uid: string) => here.has(uid) && !cutHere.has(uid),
      wholeCount: ({ studyUid, seriesUid }: { studyUid: string; seriesUid?: string | undefined }) =>
        [...here].filter(
          (uid) =>
            !cutHere.has(uid) && isWithin({ studyUid, ...(seriesUid !== undefined && { seriesUid }) }, placeOf(uid)),
        ).length,
    },
    locate: (uid: string) => (here.has(uid) ? placeOf(uid) : undefined),
    conflictsWith: () => false,
    expect: (_studyUid: string, _node: string, series: readonly SeriesExpectation[]) => {
      for (const { seriesUid, count } of series) expectations[seriesUid] = count;
    },
  };
  const run = (connections: number, retries = 0, seriesUid?: string): Promise<TransferResult> =>
    retrieveWhole({
      source,
      index,
      connections,
      retries,
      sink: memorySink({
        onFinish: ({ announced: { sopInstanceUid = '' } }) => {
          const refusal = refuses?.(sopInstanceUid);
          if (refusal) return refusal;
          const told = { sopInstanceUid, ...placeOf(sopInstanceUid), sizeBytes: 1 };
          const [isHere, isCutHere] = [here.has(sopInstanceUid), cutHere.has(sopInstanceUid)];
          here.add(sopInstanceUid);
          const left = cuts[sopInstanceUid] ?? 0;
          const isCut = left > 0;
          cuts[sopInstanceUid] = left - 1;
          // The same bytes again, cut or whole.
          if (isHere && isCut === isCutHere) return { ...told, outcome: 'duplicate', code: 'duplicate' };
          if (ofOtherPatient.includes(sopInstanceUid))
            return { ...told, outcome: 'repaired', code: 'other-patient', reason: 'It names another patient.' };
          if (isCut) {
            cutHere.add(sopInstanceUid);
            return { ...told, outcome: 'repaired', code: 'truncated-pixels', reason: 'It ends inside the pixel data.' };
          }
          cutHere.delete(sopInstanceUid);
          return { ...told, outcome: 'stored', ...(isCutHere && { code: 'continued' }) };
        },
      }),
      selection: { studyUid: STUDY, patientId: 'P-1', ...(seriesUid !== undefined && { seriesUid }) },
      name: 'PACS',
      onProgress: (progress) => told.push(progress),
      // Time passes at once.
      onUnasked: (studyUid, count) => void unasked.push(`${count} of ${studyUid}`),
      pause: async (ms, reason) => void pauses.push(`${ms} ${reason}`),
      signal: new AbortController().signal,
    });
  return { run, asked, listed, told, here, pauses, unasked, expectations };
}
