// Makes the lengths of a study part of it, as a measurement report in the archive. "Saved" is said when the stored file was read
// again and holds what was measured.
import { randomUUID } from 'node:crypto';
import type { Archive } from '#backend/archive/archive.ts';
import { EXPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import { encodeElements } from '#backend/base/encode-elements.ts';
import { elementsOf } from '#backend/base/encode-json.ts';
import { part10Head } from '#backend/sources/part10-head.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { ReportView, StoredLength } from '#shared/contract/measurements.ts';
import { describeImage } from '#shared/dicom/image-description.ts';
import { numberOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import { lengthValue } from '#shared/measurement/length-value.ts';
import { readReport, type ReportedLength } from '#shared/measurement/measurement-report.ts';
import { trackingUidOf } from '#shared/measurement/tracking-uid.ts';
import type { Person } from '#backend/people/people.ts';
import type { LengthJournal } from './length-journal.ts';
import { COMPREHENSIVE_SR, reportDataset } from './report-dataset.ts';

/** Graphic Data are single floats (PS3.5 6.2), values are written to four places. */
const SAME_PIXELS = 0.01;
const SAME_VALUE = 0.0001;

const newUid = (): string => trackingUidOf(randomUUID());

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
): Promise<ReportView> {
  const kept = lengths.of(studyUid);
  if (kept.length === 0) throw new LecternError('bad-request', 'There are no lengths in this study to save.');
  const measured = kept.map((length, index) => reportedLength(archive, length, index + 1));
  const [first] = measured;
  if (!first) throw new LecternError('internal', 'No length was measured.');
  const earlier = lengths.reportsOf(studyUid);
  const latest = earlier.at(-1);
  const sopInstanceUid = newUid();
  const seriesUid = latest?.seriesUid ?? newUid();
  const dataset = reportDataset({
    about: first.image,
    lengths: measured.map(({ reported }) => reported),
    observerName: person.name,
    seriesUid,
    sopInstanceUid,
    instanceNumber: earlier.length + 1,
    predecessor: latest && { ...latest, sopClassUid: COMPREHENSIVE_SR },
    softwareVersion: version,
    now: new Date(),
  });
  await store(archive, studyUid, sopInstanceUid, dataset);
  requireSame(
    measured.map(({ reported }) => reported),
    storedReport(archive, sopInstanceUid),
  );
  lengths.noteReport({ studyUid, seriesUid, sopInstanceUid, lengths: kept }, person.id);
  const saved = lengths.report(studyUid);
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
      trackingUid: trackingUidOf(length.uid),
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

async function store(archive: Archive, studyUid: string, sopInstanceUid: string, dataset: DicomJson): Promise<void> {
  const head = part10Head({
    sopClassUid: COMPREHENSIVE_SR,
    sopInstanceUid,
    transferSyntaxUid: EXPLICIT_LITTLE,
    sourceAet: '',
  });
  const stream = archive.ingest.stream({ path: 'measurements', studyUid, announcedUid: sopInstanceUid });
  await stream.write(Buffer.concat([head, encodeElements(elementsOf(dataset), EXPLICIT_LITTLE)]));
  const { outcome, reason } = await stream.finish();
  if (outcome !== 'stored')
    throw new LecternError('internal', `The report could not be stored (${outcome}${reason ? `: ${reason}` : ''}).`);
}

/** From the file itself, not from what the index keeps of it. */
function storedReport(archive: Archive, sopInstanceUid: string): readonly ReportedLength[] {
  const location = archive.index.locate(sopInstanceUid);
  if (!location) throw new LecternError('internal', 'The report is not in the archive.');
  const reader = archive.open(location);
  try {
    const read = readInstance(reader);
    return (
      (read.ok &&
        textOf(read.value.dataset, '00080018') === sopInstanceUid &&
        readReport(read.value.dataset)?.lengths) ||
      []
    );
  } finally {
    reader.close();
  }
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
