// What a node lists of a study: its series with their counts, the instances of a series.
import type { ArchiveIndex } from '#backend/archive/archive-index.ts';
import type { QueryRequest, Selection, Source } from '#backend/sources/source.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

export interface Lister {
  source: Source;
  index: Pick<ArchiveIndex, 'locate'>;
  signal: AbortSignal;
}

/** What a node says that a series holds. */
export interface SeriesExpectation {
  seriesUid: string;
  /** Null where it does not say. */
  count: number | null;
}

const [SERIES_UID, SOP_INSTANCE_UID, SERIES_COUNT] = ['0020000E', '00080018', '00201209'];

async function* matchesOf(
  { source, signal }: Lister,
  { studyUid, seriesUid, patientId }: Selection,
  level: 'series' | 'instance',
  include: readonly string[],
): AsyncGenerator<DicomJson> {
  const keys = [{ path: ['0020000D'], vr: 'UI', value: studyUid }];
  if (seriesUid !== undefined) keys.push({ path: [SERIES_UID], vr: 'UI', value: seriesUid });
  const request: QueryRequest = { level, keys, include, ...(patientId !== undefined && { patientId }) };
  for await (const answer of source.query(request, signal)) if (answer.kind === 'match') yield answer.dataset;
}

/** The series of the study, or the one that is selected. */
export async function seriesOf(lister: Lister, selection: Selection): Promise<SeriesExpectation[]> {
  const found: SeriesExpectation[] = [];
  for await (const dataset of matchesOf(lister, selection, 'series', [SERIES_COUNT])) {
    const uid = dataset[SERIES_UID]?.Value?.[0];
    if (typeof uid !== 'string') continue;
    const count = Number(dataset[SERIES_COUNT]?.Value?.[0] ?? Number.NaN);
    found.push({ seriesUid: uid, count: Number.isInteger(count) ? count : null });
  }
  return found;
}

/** How many instances of the selected series the node lists, and which of them the archive does not hold. */
export async function instancesOf(
  lister: Lister,
  selection: Selection & { seriesUid: string },
): Promise<{ listed: number; absent: string[] }> {
  const absent: string[] = [];
  let listed = 0;
  for await (const dataset of matchesOf(lister, selection, 'instance', [])) {
    const uid = dataset[SOP_INSTANCE_UID]?.Value?.[0];
    if (typeof uid !== 'string') continue;
    listed++;
    if (!lister.index.locate(uid)) absent.push(uid);
  }
  return { listed, absent };
}
