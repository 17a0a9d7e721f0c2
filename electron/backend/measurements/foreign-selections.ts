// Key object selections that came with a study: which of its frames others marked.
import type { Archive } from '#backend/archive/archive.ts';
import type { ForeignSelection, KeyImage } from '#shared/contract/marks.ts';
import { numberOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { KEY_OBJECT_SELECTION, readSelection } from '#shared/measurement/key-object.ts';
import type { Reference } from '#shared/measurement/sr-items.ts';
import { documentHeaders } from './foreign-documents.ts';

/** Latest first. */
export const readForeignSelections = (archive: Archive, studyUid: string): ForeignSelection[] =>
  documentHeaders(archive, studyUid, [KEY_OBJECT_SELECTION]).flatMap((dataset) => {
    const found = readSelection(dataset);
    if (!found) return [];
    const images = found.images.flatMap((reference, index) => asKeyImage(archive, studyUid, reference, index) ?? []);
    return {
      sopInstanceUid: textOf(dataset, '00080018') ?? '',
      seriesUid: textOf(dataset, '0020000E') ?? '',
      title: found.title,
      observer: found.observer,
      date: textOf(dataset, '00080023') ?? '',
      time: textOf(dataset, '00080033') ?? '',
      images,
      otherCount: found.otherCount + found.images.length - images.length,
    };
  });

/** Undefined where the image is not in this study here; one that is meant whole is marked at its first frame. */
function asKeyImage(
  archive: Archive,
  studyUid: string,
  { sopInstanceUid, frameNumber }: Reference,
  markedAt: number,
): KeyImage | undefined {
  const location = archive.index.locate(sopInstanceUid);
  if (location?.studyUid !== studyUid) return undefined;
  const dataset = JSON.parse(archive.metadataText(location)) as DicomJson;
  const instanceNumber = numberOf(dataset, '00200013');
  return {
    studyUid,
    seriesUid: location.seriesUid,
    sopInstanceUid,
    frameIndex: Math.max(0, (frameNumber ?? 1) - 1),
    ...(instanceNumber !== undefined && { instanceNumber }),
    markedAt,
  };
}
