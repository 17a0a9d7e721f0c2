// Makes the key images of a study part of it, as a key object selection in the archive.
import type { Archive } from '#backend/archive/archive.ts';
import type { Person } from '#backend/people/people.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { KeyImage, SavedDocument } from '#shared/contract/marks.ts';
import { numberOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { readSelection } from '#shared/measurement/key-object.ts';
import type { Reference as ContentReference } from '#shared/measurement/sr-items.ts';
import type { Reference } from './document-dataset.ts';
import type { KeyImageJournal } from './journals.ts';
import { selectionDataset } from './report-dataset.ts';
import { newUid, storeDocument } from './store-document.ts';

export interface SelectionParts {
  archive: Archive;
  keyImages: KeyImageJournal;
  version: string;
}

/** Throws as `saveReport` does. */
export async function saveSelection(
  { archive, keyImages, version }: SelectionParts,
  studyUid: string,
  person: Person,
): Promise<SavedDocument> {
  const kept = keyImages.of(studyUid);
  if (kept.length === 0) throw new LecternError('bad-request', 'There are no key images in this study to save.');
  const found = kept.map((image) => referenceOf(archive, image));
  const [first] = found;
  if (!first) throw new LecternError('internal', 'No key image was found.');
  const earlier = keyImages.documentsOf(studyUid);
  const sopInstanceUid = newUid();
  const seriesUid = earlier.at(-1)?.seriesUid ?? newUid();
  const meant = found.map(({ reference }) => reference);
  const stored = await storeDocument(
    archive,
    selectionDataset(
      {
        about: first.dataset,
        observerName: person.name,
        seriesUid,
        sopInstanceUid,
        instanceNumber: earlier.length + 1,
        softwareVersion: version,
        now: new Date(),
      },
      meant,
    ),
  );
  const read = readSelection(stored)?.images ?? [];
  const isSame = (a: ContentReference, b: ContentReference | undefined): boolean =>
    a.sopInstanceUid === b?.sopInstanceUid && a.sopClassUid === b.sopClassUid && a.frameNumber === b.frameNumber;
  if (read.length !== meant.length || !meant.every((image, index) => isSame(image, read[index])))
    throw new LecternError(
      'internal',
      'The selection was stored but does not read as it was meant: the key images stay as they are and are not saved in the study.',
    );
  keyImages.noteDocument({ studyUid, seriesUid, sopInstanceUid, marks: kept }, person.id);
  const saved = keyImages.latestDocument(studyUid);
  if (!saved) throw new LecternError('internal', 'The selection was stored but could not be noted.');
  return saved;
}

function referenceOf(
  archive: Archive,
  image: KeyImage,
): { dataset: DicomJson; reference: ContentReference & Reference } {
  const location = archive.index.locate(image.sopInstanceUid);
  if (location?.studyUid !== image.studyUid)
    throw new LecternError(
      'not-found',
      `Key image ${image.instanceNumber ?? ''} is not in the archive any more: take its mark away, or fetch the image again.`,
    );
  const dataset = JSON.parse(archive.metadataText(location)) as DicomJson;
  return {
    dataset,
    reference: {
      seriesUid: location.seriesUid,
      sopClassUid: location.sopClassUid,
      sopInstanceUid: image.sopInstanceUid,
      frameNumber: (numberOf(dataset, '00280008') ?? 1) > 1 ? image.frameIndex + 1 : undefined,
    },
  };
}
