// Key object selections that came with a study: which of its frames others marked.
import type { Archive } from '#backend/archive/archive.ts';
import type { ForeignSelection, KeyImage } from '#shared/contract/marks.ts';
import { numberOf, textOf } from '#shared/dicom/json-values.ts';
import { KEY_OBJECT_SELECTION, readSelection } from '#shared/measurement/key-object.ts';
import type { Reference } from '#shared/measurement/sr-items.ts';
import { documentHeaders, imagesOf, type StoredImage } from './foreign-documents.ts';

/** Latest first. */
export function readForeignSelections(archive: Archive, studyUid: string): ForeignSelection[] {
  const imageOf = imagesOf(archive, studyUid);
  return documentHeaders(archive, studyUid, [KEY_OBJECT_SELECTION]).flatMap((dataset) => {
    const found = readSelection(dataset);
    if (!found) return [];
    const images = found.images.flatMap(
      (reference, index) => asKeyImage(imageOf(reference.sopInstanceUid), studyUid, reference, index) ?? [],
    );
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
}

/** Undefined where the image is not in this study here; one that is meant whole is marked at its first frame. */
function asKeyImage(
  image: StoredImage | undefined,
  studyUid: string,
  { sopInstanceUid, frameNumber }: Reference,
  markedAt: number,
): KeyImage | undefined {
  if (!image) return undefined;
  const instanceNumber = numberOf(image.header, '00200013');
  return {
    studyUid,
    seriesUid: image.seriesUid,
    sopInstanceUid,
    frameIndex: Math.max(0, (frameNumber ?? 1) - 1),
    ...(instanceNumber !== undefined && { instanceNumber }),
    markedAt,
  };
}
