// Makes the lengths of a study part of it, as a measurement report in the archive. "Saved" is said when the stored file was read
// again and holds what was measured.
import type { Archive } from '#backend/archive/archive.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { SavedDocument, StoredLength } from '#shared/contract/marks.ts';
import { describeImage } from '#shared/dicom/image-description.ts';
import { numberOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { lengthValue } from '#shared/measurement/length-value.ts';
import { readReport, type ReportedLength } from '#shared/measurement/measurement-report.ts';
import { uidOfUuid } from '#shared/dicom/uuid-uid.ts';
import type { Person } from '#backend/people/people.ts';
import type { LengthJournal } from './journals.ts';
import { COMPREHENSIVE_SR, reportDataset } from './report-dataset.ts';
import { newUid, storeDocument } from './store-document.ts';

/** Graphic Data are single floats (PS3.5 6.2), values are written to four places. */
const SAME_PIXELS = 0.01;
const SAME_VALUE = 0.0001;

export interface ReportParts {
  archive: Archive;
  lengths: LengthJournal;
  version: string;
}

/** Throws LecternError 'bad-request' where there is nothing to save, 'not-found' where an image is gone, 'disk-full', and
 * 'internal' where what was stored does not read as it was meant: then nothing is said to be saved. */
export async function saveReport(
  { archive, lengths, version }: ReportParts,
  studyUid: string,
  person: Person,
): Promise<SavedDocument> {
  const kept = lengths.of(studyUid);
  if (kept.length === 0) throw new LecternError('bad-request', 'There are no lengths in this study to save.');
  const measured = kept.map((length, index) => reportedLength(archive, length, index + 1));
  const [first] = measured;
  if (!first) throw new LecternError('internal', 'No length was measured.');
  const earlier = lengths.documentsOf(studyUid);
  const latest = earlier.at(-1);
  const sopInstanceUid = newUid();
  const seriesUid = latest?.seriesUid ?? newUid();
  const dataset = reportDataset(
    {
      about: first.image,
      observerName: person.name,
      seriesUid,
      sopInstanceUid,
      instanceNumber: earlier.length + 1,
      softwareVersion: version,
      now: new Date(),
    },
    measured.map(({ reported }) => reported),
    latest && { ...latest, sopClassUid: COMPREHENSIVE_SR },
  );
  const stored = await storeDocument(archive, dataset);
  requireSame(
    measured.map(({ reported }) => reported),
    readReport(stored)?.lengths ?? [],
  );
  lengths.noteDocument({ studyUid, seriesUid, sopInstanceUid, marks: kept }, person.id);
  const saved = lengths.latestDocument(studyUid);
  if (!saved) throw new LecternError('internal', 'The report was stored but could not be noted.');
  return saved;
}

interface Measured {
  image: DicomJson;
  reported: ReportedLength & { seriesUid: string };
}

function reportedLength(archive: Archive, length: StoredLength, number: number): Measured {
  const location = archive.index.locate(length.sopInstanceUid);
  if (location?.studyUid !== length.studyUid)
    throw new LecternError(
      'not-found',
      `The image of the length ${length.label || length.text} is not in the archive any more: delete the length, or fetch the image again.`,
    );
  const image = JSON.parse(archive.metadataText(location)) as DicomJson;
  const description = describeImage(image, length.frameIndex);
  if (!description)
    throw new LecternError('cannot-decode', `The image of the length ${length.label || length.text} is not readable.`);
  const { value, unit, basis } = lengthValue(description, length.ends);
  return {
    image,
    reported: {
      trackingUid: uidOfUuid(length.uid),
      label: length.label.trim() || `Length ${number}`,
      value,
      unit,
      comment: basis === 'detector' ? 'At the detector, not corrected for magnification' : undefined,
      seriesUid: location.seriesUid,
      sopClassUid: location.sopClassUid,
      sopInstanceUid: length.sopInstanceUid,
      frameNumber: (numberOf(image, '00280008') ?? 1) > 1 ? length.frameIndex + 1 : undefined,
      ends: length.ends,
    },
  };
}

function requireSame(meant: readonly ReportedLength[], stored: readonly ReportedLength[]): void {
  const isSame = (a: ReportedLength, b: ReportedLength | undefined): boolean =>
    b !== undefined &&
    a.trackingUid === b.trackingUid &&
    a.label === b.label &&
    a.unit === b.unit &&
    Math.abs(a.value - b.value) < SAME_VALUE &&
    a.sopInstanceUid === b.sopInstanceUid &&
    a.frameNumber === b.frameNumber &&
    a.ends.every((end, at) => end.every((value, axis) => Math.abs(value - (b.ends[at]?.[axis] ?? NaN)) < SAME_PIXELS));
  const wrong = meant.find((length, index) => !isSame(length, stored[index]));
  if (!wrong && meant.length === stored.length) return;
  throw new LecternError(
    'internal',
    `The report was stored but does not read as it was meant${wrong ? ` (${wrong.label})` : ''}: the lengths stay as they are and are not saved in the study.`,
  );
}
