// What a series is called and what is to be said about it.
import { missingWords } from '#shared/contract/missing-words.ts';
import type { SeriesRow } from '#shared/contract/views.ts';

export const seriesTitle = ({ modality, number, description }: SeriesRow): string =>
  [modality, number === null ? '' : String(number), description].filter(Boolean).join(' ') || 'Series without a name';

const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

export function countText({ frameCount, instanceCount, thumbnailSopUid }: SeriesRow): string {
  if (thumbnailSopUid === null) return counted(instanceCount, 'object');
  // Fewer frames than instances: reports, PDF or others lie among the images.
  if (frameCount < instanceCount)
    return `${counted(frameCount, 'image')}, ${counted(instanceCount - frameCount, 'other')}`;
  const images = counted(instanceCount, 'image');
  return frameCount > instanceCount ? `${images}, ${frameCount} frames` : images;
}

/** Everything that is not as it should be, in sentences. */
export const seriesNotes = (series: SeriesRow): string[] => [
  ...(series.damagedCount > 0
    ? [
        `The stored files of ${series.damagedCount} of ${series.instanceCount} are damaged or missing: retrieve or import the study again.`,
      ]
    : []),
  ...(series.missingCount > 0
    ? [`Of ${series.instanceCount + series.missingCount} not all are here. ${missingWords(series)}`]
    : []),
  ...(series.conflictCount > 0
    ? [
        `${series.conflictCount} in quarantine: they came with a UID that is here already but with other content. What was stored first is shown.`,
      ]
    : []),
  ...(series.repairedCount > 0
    ? [`${series.repairedCount} of ${series.instanceCount} repaired.`, ...series.repairs]
    : []),
];

const OBJECT_WORDS: Record<string, string> = {
  SR: 'Structured report',
  DOC: 'Document',
  KO: 'Key objects',
  PR: 'Presentation state',
  SEG: 'Segmentation',
  REG: 'Registration',
  RWV: 'Real world values',
  RTSTRUCT: 'RT structures',
  RTPLAN: 'RT plan',
  RTRECORD: 'RT record',
  ECG: 'Waveform',
  HD: 'Waveform',
  EPS: 'Waveform',
  AU: 'Sound',
  ANN: 'Annotations',
  HP: 'Hanging protocol',
};
/** What stands in place of a picture for objects that have none. */
export const objectWords = (modality: string): string => OBJECT_WORDS[modality] ?? 'No picture in it';
