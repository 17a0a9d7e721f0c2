// Measurement reports that came with a study: which of their lengths this program measures the same, so that they can be drawn on
// the images and go on as its own.
import { createHash } from 'node:crypto';
import type { Archive } from '#backend/archive/archive.ts';
import { storedLength, type ForeignReport, type StoredLength } from '#shared/contract/marks.ts';
import { describeImage } from '#shared/dicom/image-description.ts';
import { numberOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { lengthValue } from '#shared/measurement/length-value.ts';
import { readReport, type ReportedLength } from '#shared/measurement/measurement-report.ts';
import { uuidOf } from '#shared/dicom/uuid-uid.ts';
import { documentHeaders, imagesOf, type StoredImage } from './foreign-documents.ts';

/** Enhanced, Comprehensive, Comprehensive 3D and Extensible SR (PS3.4 B.5): what TID 1500 is written in. */
const REPORT_CLASSES = ['22', '33', '34', '35'].map((number) => `1.2.840.10008.5.1.4.1.1.88.${number}`);
/** Two programs may differ by the rounding of a pixel's corner. */
const SAME_RATIO = 0.01;

/** Latest first; those that a later one took the place of (Predecessor Documents) are left to the series list. */
export function readForeignReports(archive: Archive, studyUid: string): ForeignReport[] {
  const datasets = documentHeaders(archive, studyUid, REPORT_CLASSES);
  const replaced = new Set(datasets.flatMap((dataset) => sopUidsBelow(dataset['0040A360'])));
  const imageOf = imagesOf(archive, studyUid);
  return datasets.flatMap((dataset) => {
    const sopInstanceUid = textOf(dataset, '00080018') ?? '';
    const found = replaced.has(sopInstanceUid) ? undefined : readReport(dataset);
    if (!found || found.lengths.length + found.otherCount === 0) return [];
    const lengths = found.lengths.flatMap((length, index) => {
      const made = asStored(imageOf(length.sopInstanceUid), studyUid, length, `${sopInstanceUid}/${index}`);
      return made ? [{ ...made, drawnAt: index }] : [];
    });
    return {
      sopInstanceUid,
      seriesUid: textOf(dataset, '0020000E') ?? '',
      observer: found.observer,
      isByDevice: found.isByDevice,
      date: textOf(dataset, '00080023') ?? '',
      time: textOf(dataset, '00080033') ?? '',
      lengths,
      otherCount: found.otherCount + found.lengths.length - lengths.length,
    };
  });
}

/** Undefined where the image is not here or the length is another one by its header. */
function asStored(
  image: StoredImage | undefined,
  studyUid: string,
  { sopInstanceUid, frameNumber, ends, unit, value, label, trackingUid }: ReportedLength,
  name: string,
): StoredLength | undefined {
  if (!image) return undefined;
  const { header, seriesUid } = image;
  const frameIndex = (frameNumber ?? 1) - 1;
  const description = describeImage(header, frameIndex);
  if (!description) return undefined;
  const measured = lengthValue(description, ends);
  if (measured.unit !== unit || Math.abs(measured.value - value) > SAME_RATIO * value) return undefined;
  return storedLength.safeParse({
    uid: storedLength.shape.uid.safeParse(uuidOf(trackingUid)).data ?? uuidFrom(name),
    studyUid,
    seriesUid,
    sopInstanceUid,
    frameIndex,
    instanceNumber: numberOf(header, '00200013'),
    ends,
    // What this program writes where a person gave no name.
    label: /^Length \d+$/.test(label) ? '' : label.slice(0, 200),
    text: `${Number(value.toFixed(2))} ${unit}${measured.basis === 'detector' ? ' at the detector' : ''}`,
    drawnAt: 0,
  }).data;
}

/** Always the same for the same name (RFC 9562 5.5), so that a length is not taken twice. */
function uuidFrom(name: string): string {
  const hash = createHash('sha1').update(`lectern length ${name}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** All Referenced SOP Instance UIDs (0008,1155) of an evidence sequence. */
function sopUidsBelow(element: DicomJson[string] | undefined): string[] {
  return (element?.Value ?? []).flatMap((item) =>
    Object.entries(item as DicomJson).flatMap(([tag, each]) =>
      tag === '00081155' ? (each.Value ?? []).map(String) : each.vr === 'SQ' ? sopUidsBelow(each) : [],
    ),
  );
}
