// Lengths as a measurement report, DICOM SR by TID 1500 (PS3.16 A), and back: the content tree only, as DICOM JSON.
import { itemsOf, numberOf, numbersOf, textOf } from '../dicom/json-values.ts';
import type { DicomJson } from '../dicom/model.ts';
import { codeItem, CODES } from './report-codes.ts';
import {
  childNamed,
  childrenOf,
  coded,
  container,
  content,
  imageReference,
  isNamed,
  observerItems,
  observerOf,
  plain,
  sequence,
  templateOf,
  typeOf,
  type Item,
  type Reference,
} from './sr-items.ts';

/** A length as a report holds it. */
export interface ReportedLength extends Reference {
  /** Tracking Unique Identifier (112040, DCM): the same length keeps it in later reports. */
  trackingUid: string;
  /** Tracking Identifier (112039, DCM): what a person calls it. */
  label: string;
  value: number;
  unit: 'mm' | 'px';
  comment: string | undefined;
  /** Column and row of both ends, from 0 at the first pixel's centre. */
  ends: readonly [readonly [number, number], readonly [number, number]];
}

/** SCOORD counts from the outer corner of the first pixel (PS3.3 C.18.6.1.2), we from its centre. */
const TO_CORNER = 0.5;

export interface ReportFacts {
  observerName: string;
  /** Item of a code sequence: what was done to the patient. */
  procedure: DicomJson;
  lengths: readonly ReportedLength[];
}

/** Attributes of the SR Document Content Module (PS3.3 C.17.3). */
export function reportContent({ observerName, procedure, lengths }: ReportFacts): DicomJson {
  const images = new Map(lengths.map((length) => [`${length.sopInstanceUid} ${length.frameNumber ?? ''}`, length]));
  const root = container(CODES.report, [
    coded('HAS CONCEPT MOD', CODES.language, codeItem(CODES.english)),
    ...observerItems(observerName),
    coded('HAS CONCEPT MOD', CODES.procedure, procedure),
    container(CODES.library, [
      container(
        CODES.libraryGroup,
        [...images.values()].map((length) => imageReference('CONTAINS', length)),
      ),
    ]),
    container(CODES.measurements, lengths.map(measurementGroup)),
  ]);
  delete root['0040A010'];
  return {
    ...root,
    ...templateOf('1500'),
  };
}

/** TID 1501 with one length (TID 300), its ends on the image (TID 320). */
function measurementGroup(length: ReportedLength): Item {
  const points = length.ends.flat().map((value) => value + TO_CORNER);
  const line = content(
    'SCOORD',
    'INFERRED FROM',
    undefined,
    { '00700022': { vr: 'FL', Value: points }, '00700023': { vr: 'CS', Value: ['POLYLINE'] } },
    [imageReference('SELECTED FROM', length)],
  );
  const measured: DicomJson = {
    '0040A300': sequence({
      '0040A30A': { vr: 'DS', Value: [Number(length.value.toFixed(4))] },
      '004008EA': sequence(codeItem(length.unit === 'mm' ? CODES.mm : CODES.pixels)),
    }),
  };
  return container(CODES.group, [
    plain('TEXT', 'HAS OBS CONTEXT', CODES.trackingId, '0040A160', 'UT', length.label),
    plain('UIDREF', 'HAS OBS CONTEXT', CODES.trackingUid, '0040A124', 'UI', length.trackingUid),
    ...(length.comment === undefined
      ? []
      : [plain('TEXT', 'CONTAINS', CODES.comment, '0040A160', 'UT', length.comment)]),
    content('NUM', 'CONTAINS', CODES.length, measured, [line]),
  ]);
}

export interface ReadReport {
  /** Person or device that measured, as the report says it; '' where it does not. */
  observer: string;
  isByDevice: boolean;
  lengths: ReportedLength[];
  /** Measurements that are no lengths on images, or lie elsewhere (in space, by reference), and so are not among them. */
  otherCount: number;
}

/** What a report holds of lengths on images, whoever made it. Undefined where the data set is no measurement report. */
export function readReport(dataset: DicomJson): ReadReport | undefined {
  if (!isNamed(dataset, CODES.report)) return undefined;
  const lengths: ReportedLength[] = [];
  let otherCount = 0;
  for (const container of childrenOf(dataset).filter((item) => isNamed(item, CODES.measurements)))
    for (const group of childrenOf(container))
      for (const item of childrenOf(group).filter((each) => typeOf(each) === 'NUM')) {
        const length = readLength(group, item);
        if (length) lengths.push(length);
        else otherCount++;
      }
  return { ...observerOf(dataset), lengths, otherCount };
}

/** Where a program writes its tool for it (OHIF: `Cornerstone3DTools@^0.1.0:Length`), the finding says more. */
function labelOf(group: Item): string {
  const label = textOf(childNamed(group, CODES.trackingId), '0040A160') ?? '';
  if (!/^cornerstone\w*@/i.test(label)) return label;
  return textOf(itemsOf(childNamed(group, CODES.finding), '0040A168')[0], '00080104') ?? '';
}

function readLength(group: Item, item: Item): ReportedLength | undefined {
  if (!isNamed(item, CODES.length)) return undefined;
  const [measured] = itemsOf(item, '0040A300');
  const value = numberOf(measured, '0040A30A');
  const unit = textOf(itemsOf(measured, '004008EA')[0], '00080100');
  const line = childrenOf(item).find((child) => typeOf(child) === 'SCOORD');
  const [fromX, fromY, toX, toY, ...more] = numbersOf(line, '00700022') ?? [];
  const image = line && childrenOf(line).find((child) => typeOf(child) === 'IMAGE');
  const [reference] = itemsOf(image, '00081199');
  const [sopClassUid, sopInstanceUid] = [textOf(reference, '00081150'), textOf(reference, '00081155')];
  if (value === undefined || toX === undefined || toY === undefined || more.length > 0) return undefined;
  if (fromX === undefined || fromY === undefined || !sopClassUid || !sopInstanceUid) return undefined;
  if (unit !== CODES.mm.value && unit !== CODES.pixels.value) return undefined;
  return {
    trackingUid: textOf(childNamed(group, CODES.trackingUid), '0040A124') ?? '',
    label: labelOf(group),
    value,
    unit: unit === CODES.mm.value ? 'mm' : 'px',
    comment: textOf(childNamed(group, CODES.comment), '0040A160'),
    sopClassUid,
    sopInstanceUid,
    frameNumber: numberOf(reference, '00081160'),
    ends: [
      [fromX - TO_CORNER, fromY - TO_CORNER],
      [toX - TO_CORNER, toY - TO_CORNER],
    ],
  };
}
