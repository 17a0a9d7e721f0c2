// What all demo studies share: the patient, the institution, UIDs that follow from names.
import { numbers, text, type Dataset } from '../dicom-builder.ts';

/** A UID below 2.25 that depends on the parts only (PS3.5 B.2). */
export function uidOf(...parts: (string | number)[]): string {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (const character of `lectern demo/${parts.join('/')}`)
    hash = BigInt.asUintN(128, (hash ^ BigInt(character.charCodeAt(0))) * 0x1000000000000000000013bn);
  return `2.25.${hash}`;
}

/** A file of a demo study; its bytes are made when asked for. */
export interface DemoFile {
  name: string;
  bytes(): Uint8Array<ArrayBuffer>;
}

export interface DemoStudy {
  key: string;
  date: string;
  time: string;
  description: string;
  accession: string;
}
export interface DemoSeries {
  number: number;
  modality: string;
  description: string;
  bodyPart: string;
  sopClassUid: string;
}

/** Patient, study, series and equipment attributes of one instance. */
export function demoHeader(study: DemoStudy, series: DemoSeries, instance: number): Dataset {
  return {
    '00080005': text('CS', 'ISO_IR 192'),
    '00080016': text('UI', series.sopClassUid),
    '00080018': text('UI', uidOf(study.key, series.number, instance)),
    '00080020': text('DA', study.date),
    '00080021': text('DA', study.date),
    '00080023': text('DA', study.date),
    '00080030': text('TM', study.time),
    '00080033': text('TM', study.time),
    '00080050': text('SH', study.accession),
    '00080060': text('CS', series.modality),
    '00080070': text('LO', 'Lectern'),
    '00080080': text('LO', 'DEMO, synthetic images'),
    '00080090': text('PN', 'Referrer^Rita'),
    '00081030': text('LO', study.description),
    '0008103E': text('LO', series.description),
    '00100010': text('PN', 'Demo^Ada'),
    '00100020': text('LO', 'DEMO-0001'),
    '00100021': text('LO', 'LECTERN-DEMO'),
    '00100030': text('DA', '19610412'),
    '00100040': text('CS', 'F'),
    '00101010': text('AS', '065Y'),
    '00180015': text('CS', series.bodyPart),
    '0020000D': text('UI', uidOf(study.key)),
    '0020000E': text('UI', uidOf(study.key, series.number)),
    '00200010': text('SH', study.accession.slice(-4)),
    '00200011': text('IS', String(series.number)),
    '00200013': text('IS', String(instance)),
    '00280301': text('CS', 'YES'),
  };
}

export interface PixelShape {
  rows: number;
  columns: number;
  bitsStored: number;
  isSigned: boolean;
  photometric?: string;
  samples?: number;
}

export function pixelModule({
  rows,
  columns,
  bitsStored,
  isSigned,
  photometric = 'MONOCHROME2',
  samples = 1,
}: PixelShape): Dataset {
  return {
    '00280002': numbers('US', samples),
    '00280004': text('CS', photometric),
    ...(samples > 1 && { '00280006': numbers('US', 0) }),
    '00280010': numbers('US', rows),
    '00280011': numbers('US', columns),
    '00280100': numbers('US', bitsStored > 8 ? 16 : 8),
    '00280101': numbers('US', bitsStored),
    '00280102': numbers('US', bitsStored - 1),
    '00280103': numbers('US', isSigned ? 1 : 0),
  };
}

const decimal = (value: number): string => String(Number(value.toFixed(6))).slice(0, 16);

export interface PlaneShape {
  /** Patient position of the first pixel's centre, LPS mm. */
  positionLps: readonly [number, number, number];
  /** Direction cosines along a row, then along a column. */
  orientation: readonly number[];
  /** Distance of rows, then of columns, mm (PS3.3 10.7.1.3). */
  spacingMm: readonly [number, number];
  thicknessMm: number;
  frameOfReference: string;
}

export function planeModule({
  positionLps,
  orientation,
  spacingMm,
  thicknessMm,
  frameOfReference,
}: PlaneShape): Dataset {
  return {
    '00180050': text('DS', decimal(thicknessMm)),
    '00200032': text('DS', ...positionLps.map(decimal)),
    '00200037': text('DS', ...orientation.map(decimal)),
    '00200052': text('UI', frameOfReference),
    '00201040': text('LO', ''),
    '00280030': text('DS', ...spacingMm.map(decimal)),
  };
}
