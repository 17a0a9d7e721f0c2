// What a selection is likely to hold, as far as the node tells: what a C-GET proposes is made of it.
import { textsOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { isRefusal } from '../../refusal.ts';
import type { MatchKey, QueryAnswer, QueryRequest, Selection } from '../../source.ts';

export interface Expected {
  modalities: string[];
  /** SOP classes that come for certain. */
  sopClassUids: string[];
}

type Query = (request: QueryRequest) => AsyncIterable<QueryAnswer>;

const MODALITY = '00080060';
const MODALITIES_IN_STUDY = '00080061';
const SOP_CLASSES_IN_STUDY = '00080062';
const SOP_CLASS = '00080016';
const SOP_INSTANCE = '00080018';

/** Instances by their own SOP classes, else those of the study, else the modalities of its series; a node that tells nothing is
 * no failure. */
export async function whatToExpect(query: Query, selection: Selection, signal: AbortSignal): Promise<Expected> {
  const { studyUid, seriesUid, sopInstanceUids, patientId } = selection;
  const key = (tag: string, value: string): MatchKey => ({ path: [tag], vr: 'UI', value });
  const study = key('0020000D', studyUid);
  const series = seriesUid === undefined ? [] : [key('0020000E', seriesUid)];
  const matches = async (request: QueryRequest): Promise<DicomJson[]> => {
    const found: DicomJson[] = [];
    for await (const answer of query({ ...request, ...(patientId !== undefined && { patientId }) }))
      if (answer.kind === 'match') found.push(answer.dataset);
    return found;
  };
  const valuesOf = (found: readonly DicomJson[], tag: string): string[] => [
    ...new Set(found.flatMap((dataset) => textsOf(dataset, tag)).filter((value) => value !== '')),
  ];
  try {
    if (sopInstanceUids !== undefined && seriesUid !== undefined) {
      const wanted = new Set(sopInstanceUids);
      const listed = await matches({ level: 'instance', keys: [study, ...series], include: [] });
      const sopClassUids = valuesOf(
        listed.filter((dataset) => textsOf(dataset, SOP_INSTANCE).some((uid) => wanted.has(uid))),
        SOP_CLASS,
      );
      if (sopClassUids.length > 0) return { modalities: [], sopClassUids };
    }
    if (seriesUid === undefined) {
      const include = [MODALITIES_IN_STUDY, SOP_CLASSES_IN_STUDY];
      const found = await matches({ level: 'study', keys: [study], include });
      const known = {
        modalities: valuesOf(found, MODALITIES_IN_STUDY),
        sopClassUids: valuesOf(found, SOP_CLASSES_IN_STUDY),
      };
      if (known.modalities.length + known.sopClassUids.length > 0) return known;
    }
    const found = await matches({ level: 'series', keys: [study, ...series], include: [] });
    return { modalities: valuesOf(found, MODALITY), sopClassUids: [] };
  } catch (error) {
    signal.throwIfAborted();
    if (isRefusal(error)) return { modalities: [], sopClassUids: [] };
    throw error;
  }
}
