// What a node lists of a study: its series with their counts, the instances of a series; and whether that is all of it.
import type { ArchiveIndex } from '#backend/archive/archive-index.ts';
import type { QueryRequest, Selection, Source } from '#backend/sources/source.ts';
import type { QueryNotice } from '#shared/contract/network.ts';
import { belongsTo, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

/** Tells what of a study is here, neither known to be damaged nor cut. */
export interface Holdings {
  damage: Pick<ArchiveIndex['damage'], 'isWhole' | 'wholeCount'>;
}

export interface Lister {
  source: Source;
  index: Holdings;
  signal: AbortSignal;
}

/** What a node says that a series holds. */
export interface SeriesExpectation {
  seriesUid: string;
  /** Null where it does not say. */
  count: number | null;
}

const [STUDY_UID, SERIES_UID, SOP_INSTANCE_UID, SERIES_COUNT] = ['0020000D', '0020000E', '00080018', '00201209'];
/** What says that matches are missing from a list. */
const CUTS = new Set<QueryNotice>(['cut', 'cut-by-peer', 'match-unreadable']);

interface List {
  /** By UID of the level, each once: a node with several stores behind it may list one twice. */
  rows: Map<string, DicomJson>;
  isWhole: boolean;
}

async function listOf(
  { source, signal }: Pick<Lister, 'source' | 'signal'>,
  { studyUid, seriesUid, patientId }: Selection,
  level: 'series' | 'instance',
  include: readonly string[],
): Promise<List> {
  const keys = [{ path: [STUDY_UID], vr: 'UI', value: studyUid }];
  if (seriesUid !== undefined) keys.push({ path: [SERIES_UID], vr: 'UI', value: seriesUid });
  const request: QueryRequest = { level, keys, include, ...(patientId !== undefined && { patientId }) };
  const list: List = { rows: new Map(), isWhole: true };
  for await (const answer of source.query(request, signal)) {
    if (answer.kind === 'notice') list.isWhole &&= !CUTS.has(answer.code);
    else {
      const uid = textOf(answer.dataset, level === 'series' ? SERIES_UID : SOP_INSTANCE_UID) ?? '';
      if (
        uid !== '' &&
        belongsTo(answer.dataset, STUDY_UID, studyUid) &&
        belongsTo(answer.dataset, SERIES_UID, seriesUid)
      )
        list.rows.set(uid, answer.dataset);
    }
  }
  return list;
}

/** The series of the study, or the one that is selected. */
export async function seriesOf(
  lister: Lister,
  selection: Selection,
): Promise<{ series: SeriesExpectation[]; isWhole: boolean }> {
  const { rows, isWhole } = await listOf(lister, selection, 'series', [SERIES_COUNT]);
  const series = [...rows].map(([seriesUid, dataset]) => {
    const count = Number(textOf(dataset, SERIES_COUNT) ?? Number.NaN);
    return { seriesUid, count: Number.isInteger(count) ? count : null };
  });
  return { series, isWhole };
}

/** What the series of a study say beyond their number: these attributes of each. */
export async function seriesAttributes(
  lister: Pick<Lister, 'source' | 'signal'>,
  selection: Selection,
  include: readonly string[],
): Promise<DicomJson[]> {
  return [...(await listOf(lister, selection, 'series', include)).rows.values()];
}

/** How many instances of the selected series the node lists, and which of them the archive does not hold whole. */
export async function instancesOf(
  lister: Lister,
  selection: Selection & { seriesUid: string },
): Promise<{ listed: number; absent: string[]; isWhole: boolean }> {
  const { rows, isWhole } = await listOf(lister, selection, 'instance', []);
  return { listed: rows.size, absent: [...rows.keys()].filter((uid) => !lister.index.damage.isWhole(uid)), isWhole };
}
