// What a node lists of a study: its series with their counts, the instances of a series; and whether that is all of it.
import type { ArchiveIndex } from '#backend/archive/archive-index.ts';
import type { QueryRequest, Selection, Source } from '#backend/sources/source.ts';
import type { QueryNotice } from '#shared/contract/network.ts';
import { belongsTo, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

/** Where an instance belongs by its own data set. */
export interface Place {
  studyUid: string;
  seriesUid: string;
}

/** Tells what of a study is here, neither known to be damaged nor cut, and where. */
export interface Holdings {
  damage: Pick<ArchiveIndex['damage'], 'isWhole' | 'wholeCount'>;
  locate(sopInstanceUid: string): Place | undefined;
}

/** Whether what belongs there is of what is selected. */
export const isWithin = ({ studyUid, seriesUid }: Selection, place: Partial<Place>): boolean =>
  place.studyUid === studyUid && (seriesUid === undefined || place.seriesUid === seriesUid);

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
export const CUTS: ReadonlySet<QueryNotice> = new Set<QueryNotice>(['cut', 'cut-by-peer', 'match-unreadable']);

/** No series and no worklist has more, and a node whose list has no end gets no more of our memory. */
export const MOST_LISTED = 100_000;

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
  const request: QueryRequest = {
    level,
    keys,
    include,
    limit: MOST_LISTED,
    ...(patientId !== undefined && { patientId }),
  };
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

export interface ListedInstances {
  listed: number;
  /** Not in the archive, or not whole. */
  absent: string[];
  /** In the archive, whole, but of another study or series than the node says. */
  misplaced: Map<string, Place>;
  isWhole: boolean;
}

/** The instances of the selected series by the node's list, and what of them is here. */
export async function instancesOf(
  lister: Lister,
  selection: Selection & { seriesUid: string },
): Promise<ListedInstances> {
  const { rows, isWhole } = await listOf(lister, selection, 'instance', []);
  return { listed: rows.size, ...placesOf(lister.index, selection, [...rows.keys()]), isWhole };
}

/** The instances of all that is selected, in one list, by the series that each row names; none where the list is cut. */
export async function instancesBySeries(lister: Lister, selection: Selection): Promise<Map<string, string[]>> {
  const { rows, isWhole } = await listOf(lister, selection, 'instance', [SERIES_UID]);
  const series = new Map<string, string[]>();
  for (const [sopInstanceUid, dataset] of isWhole ? rows : []) {
    const seriesUid = textOf(dataset, SERIES_UID) ?? '';
    const uids = series.get(seriesUid) ?? [];
    uids.push(sopInstanceUid);
    series.set(seriesUid, uids);
  }
  return series;
}

/** Which of these are not here whole, and which are here as of something else than is selected. */
export function placesOf(
  index: Holdings,
  selection: Selection,
  sopInstanceUids: readonly string[],
): Pick<ListedInstances, 'absent' | 'misplaced'> {
  const absent: string[] = [];
  const misplaced = new Map<string, Place>();
  for (const uid of sopInstanceUids) {
    const place = index.damage.isWhole(uid) ? index.locate(uid) : undefined;
    if (!place) absent.push(uid);
    else if (!isWithin(selection, place)) misplaced.set(uid, place);
  }
  return { absent, misplaced };
}
