// What the index has of a study that rules look at, each as its data set.
import type { ArchiveIndex } from '#backend/archive/archive-index.ts';
import { runQuery } from '#backend/archive/query.ts';
import type { MatchKey } from '#backend/sources/source.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { bodyPartsIn } from './choose-priors.ts';

/** Instances of which the index is asked in one query. */
const LOOKED_UP_AT_ONCE = 500;

const all = (
  index: ArchiveIndex,
  level: 'study' | 'series' | 'instance',
  keys: MatchKey[],
  include: 'all' | [] = [],
): DicomJson[] =>
  runQuery(index, { level, keys, include, isFuzzy: false, limit: Number.MAX_SAFE_INTEGER, offset: 0 }).results;
const ofStudy = (studyUid: string): MatchKey => ({ path: ['0020000D'], vr: 'UI', value: studyUid });

export const studiesHere = (index: ArchiveIndex, key: MatchKey): DicomJson[] => all(index, 'study', [key]);

/** Those of its series: the study itself has none. */
export const bodyPartsHere = (index: ArchiveIndex, studyUid: string): string[] =>
  bodyPartsIn(all(index, 'series', [ofStudy(studyUid)]));

/** Of these alone: many send an association for each image, which is no reason to read the whole study each time. */
export function instancesHere(index: ArchiveIndex, studyUid: string, sopUids: readonly string[]): DicomJson[] {
  const found: DicomJson[] = [];
  for (let at = 0; at < sopUids.length; at += LOOKED_UP_AT_ONCE) {
    const value = sopUids.slice(at, at + LOOKED_UP_AT_ONCE).join('\\');
    found.push(...all(index, 'instance', [ofStudy(studyUid), { path: ['00080018'], vr: 'UI', value }], 'all'));
  }
  return found;
}
