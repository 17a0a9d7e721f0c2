// What the documents have in common that Lectern adds to a study: whose study it is, who made them, and what they refer to.
import type { DicomJson, DicomJsonElement, JsonValue } from '#shared/dicom/model.ts';
import { textOf } from '#shared/dicom/json-values.ts';

export interface Reference {
  seriesUid: string;
  sopClassUid: string;
  sopInstanceUid: string;
}

export interface DocumentFacts {
  /** Header of one of the images, for who and what was examined. */
  about: DicomJson;
  /** All that the content refers to. */
  references: readonly Reference[];
  sopClassUid: string;
  sopInstanceUid: string;
  seriesUid: string;
  modality: 'SR' | 'KO';
  seriesDescription: string;
  seriesNumber: number;
  /** From 1: how many such documents Lectern made of this study, with this one. */
  instanceNumber: number;
  softwareVersion: string;
  now: Date;
}

/** Patient and study attributes that every object of a study shares; those of type 2 are there even when empty (PS3.3 C.7.1.1,
 * C.7.2.1, C.7.2.2, C.12.1). */
const SHARED: readonly (readonly [tag: string, vr: string, isType2?: true])[] = [
  ['00080020', 'DA', true],
  ['00080030', 'TM', true],
  ['00080050', 'SH', true],
  ['00080051', 'SQ'],
  ['00080090', 'PN', true],
  ['00081030', 'LO'],
  ['00081032', 'SQ'],
  ['00100010', 'PN', true],
  ['00100020', 'LO', true],
  ['00100021', 'LO'],
  ['00100024', 'SQ'],
  ['00100030', 'DA', true],
  ['00100032', 'TM'],
  ['00100040', 'CS', true],
  ['00101002', 'SQ'],
  ['00101010', 'AS'],
  ['00101020', 'DS'],
  ['00101030', 'DS'],
  ['00102160', 'SH'],
  ['00120062', 'CS'],
  ['00120063', 'LO'],
  ['00120064', 'SQ'],
  ['0020000D', 'UI'],
  ['00200010', 'SH', true],
];

/** Clinical Trial Subject (PS3.3 C.7.1.3): whole or not at all. */
const TRIAL: typeof SHARED = [
  ['00120010', 'LO'],
  ['00120020', 'LO'],
  ['00120021', 'LO', true],
  ['00120030', 'LO', true],
  ['00120031', 'LO', true],
  ['00120040', 'LO'],
  ['00120042', 'LO'],
];

function sharedOf(about: DicomJson): DicomJson {
  const shared: DicomJson = {};
  const [sponsor, protocol, subject] = [
    textOf(about, '00120010'),
    textOf(about, '00120020'),
    textOf(about, '00120040'),
  ];
  const isTrial =
    sponsor !== undefined && protocol !== undefined && (subject ?? textOf(about, '00120042')) !== undefined;
  for (const [tag, vr, isType2] of [...SHARED, ...(isTrial ? TRIAL : [])]) {
    const found = about[tag];
    if (found?.vr === vr && (found.Value?.length ?? 0) > 0) shared[tag] = found;
    else if (isType2) shared[tag] = { vr };
  }
  return shared;
}

export const value = (vr: string, ...values: JsonValue[]): DicomJsonElement => ({ vr, Value: values });
export const sequence = (...items: DicomJson[]): DicomJsonElement => ({ vr: 'SQ', Value: items });
const two = (number: number): string => String(number).padStart(2, '0');
const dateOf = (date: Date): string => `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
const timeOf = (date: Date): string => `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;

/** References by study and series (PS3.3 C.17.2.1, table C.17-3). */
export function evidence(studyUid: string, references: readonly Reference[]): DicomJsonElement {
  const bySeries = new Map<string, Map<string, Reference>>();
  for (const each of references) {
    const instances = bySeries.get(each.seriesUid) ?? new Map<string, Reference>();
    bySeries.set(each.seriesUid, instances.set(each.sopInstanceUid, each));
  }
  return sequence({
    '00081115': sequence(
      ...[...bySeries].map(([seriesUid, instances]) => ({
        '00081199': sequence(
          ...[...instances.values()].map(({ sopClassUid, sopInstanceUid }) => ({
            '00081150': value('UI', sopClassUid),
            '00081155': value('UI', sopInstanceUid),
          })),
        ),
        '0020000E': value('UI', seriesUid),
      })),
    ),
    '0020000D': value('UI', studyUid),
  });
}

export function documentDataset(facts: DocumentFacts): DicomJson {
  const { about, now } = facts;
  return {
    '00080005': value('CS', 'ISO_IR 192'),
    ...sharedOf(about),
    '00080012': value('DA', dateOf(now)),
    '00080013': value('TM', timeOf(now)),
    '00080016': value('UI', facts.sopClassUid),
    '00080018': value('UI', facts.sopInstanceUid),
    '00080021': value('DA', dateOf(now)),
    '00080031': value('TM', timeOf(now)),
    '00080023': value('DA', dateOf(now)),
    '00080033': value('TM', timeOf(now)),
    '00080060': value('CS', facts.modality),
    '00080070': value('LO', 'Lectern'),
    '0008103E': value('LO', facts.seriesDescription),
    '00081090': value('LO', 'Lectern'),
    '00081111': sequence(),
    '00181020': value('LO', facts.softwareVersion),
    '0020000E': value('UI', facts.seriesUid),
    '00200011': value('IS', facts.seriesNumber),
    '00200013': value('IS', facts.instanceNumber),
    '0040A375': evidence(textOf(about, '0020000D') ?? '', facts.references),
  };
}
