// Matches of several nodes as one list of studies: the same study is one row that names each node that has it. Pure. What nodes
// say differently of one study is kept and said, never settled in silence.
import { itemsOf, numberOf, personNameOf, textOf, textsOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

/** A study as one node tells of it. */
export interface StudyAtNode {
  node: string;
  /** Undefined where the node does not say. */
  instanceCount: number | undefined;
  seriesCount: number | undefined;
  /** OFFLINE, NEARLINE, UNAVAILABLE where the node says so (PS3.4 C.4.1.1.3). */
  availability: string;
  patientName: string;
  patientId: string;
  issuer: string;
}

export interface FoundStudy {
  kind: 'study';
  id: string;
  studyUid: string;
  patientName: string;
  patientId: string;
  issuer: string;
  birthDate: string;
  sex: string;
  studyDate: string;
  studyTime: string;
  accession: string;
  description: string;
  referrer: string;
  modalities: readonly string[];
  at: readonly StudyAtNode[];
  /** Most that a node says; undefined where none does. */
  instanceCount: number | undefined;
  /** Sentences: what the nodes do not agree upon. */
  differences: readonly string[];
}

/** One scheduled step of a worklist. */
export interface FoundStep {
  kind: 'step';
  id: string;
  node: string;
  studyUid: string;
  patientName: string;
  patientId: string;
  issuer: string;
  birthDate: string;
  sex: string;
  accession: string;
  description: string;
  referrer: string;
  modality: string;
  station: string;
  performer: string;
  startDate: string;
  startTime: string;
}

const text = (dataset: DicomJson, tag: string): string => textOf(dataset, tag) ?? '';

/** IS counts come as text from some nodes. */
function countOf(dataset: DicomJson, tag: string): number | undefined {
  const number = numberOf(dataset, tag) ?? Number(textOf(dataset, tag) ?? Number.NaN);
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}

/** As requests take it. */
const UID = /^[0-9][0-9.]{0,63}$/;

/** Undefined: the match names no study, or not by a UID, so nothing can be done with it. */
export function studyOf(node: string, dataset: DicomJson): FoundStudy | undefined {
  const studyUid = text(dataset, '0020000D');
  if (!UID.test(studyUid)) return undefined;
  const patientName = personNameOf(dataset, '00100010');
  const patientId = text(dataset, '00100020');
  const issuer = text(dataset, '00100021');
  const instanceCount = countOf(dataset, '00201208');
  const availability = text(dataset, '00080056');
  return {
    kind: 'study',
    id: studyUid,
    studyUid,
    patientName,
    patientId,
    issuer,
    instanceCount,
    birthDate: text(dataset, '00100030'),
    sex: text(dataset, '00100040'),
    studyDate: text(dataset, '00080020'),
    studyTime: text(dataset, '00080030'),
    accession: text(dataset, '00080050'),
    description: text(dataset, '00081030'),
    referrer: personNameOf(dataset, '00080090'),
    modalities: textsOf(dataset, '00080061').filter(Boolean),
    at: [
      {
        node,
        instanceCount,
        patientName,
        patientId,
        issuer,
        seriesCount: countOf(dataset, '00201206'),
        availability: availability === 'ONLINE' ? '' : availability,
      },
    ],
    differences: [],
  };
}

export function stepOf(node: string, dataset: DicomJson): FoundStep {
  const [step] = itemsOf(dataset, '00400100');
  const inStep = (tag: string): string => (step ? text(step, tag) : '');
  const accession = text(dataset, '00080050');
  const patientId = text(dataset, '00100020');
  return {
    kind: 'step',
    id: [node, patientId, accession, text(dataset, '00401001'), inStep('00400009'), inStep('00400003')].join('|'),
    node,
    studyUid: text(dataset, '0020000D'),
    patientName: personNameOf(dataset, '00100010'),
    patientId,
    accession,
    issuer: text(dataset, '00100021'),
    birthDate: text(dataset, '00100030'),
    sex: text(dataset, '00100040'),
    description: inStep('00400007') || text(dataset, '00321060'),
    referrer: personNameOf(dataset, '00080090'),
    modality: inStep('00080060'),
    station: inStep('00400001'),
    performer: step ? personNameOf(step, '00400006') : '',
    startDate: inStep('00400002'),
    startTime: inStep('00400003'),
  };
}

const COMPARED = [
  ['patientId', 'patient ID'],
  ['issuer', 'issuer of the ID'],
  ['patientName', 'name'],
] as const;

/** Without trailing separators (PS3.5 6.2: trailing carets mean nothing): '' for a name of nothing else. */
const meant = (value: string): string => value.replace(/[\^=\s]+$/, '');
const plain = (value: string): string => meant(value).toLowerCase();

/** What is one text of a study. */
type TextKey = { [K in keyof FoundStudy]: string extends FoundStudy[K] ? K : never }[keyof FoundStudy];

function differencesOf(at: readonly StudyAtNode[]): string[] {
  return COMPARED.flatMap(([key, words]) => {
    const told = at.filter((each) => meant(each[key]) !== '');
    const [first] = told;
    const isSame = told.every((each) => plain(each[key]) === plain(first?.[key] ?? ''));
    if (isSame) return [];
    return [`The ${words} differs: ${told.map((each) => `${each[key]} at ${each.node}`).join(', ')}.`];
  });
}

/** One row out of two of the same study; what the first leaves open the second fills. */
export function mergeStudies(before: FoundStudy, next: FoundStudy): FoundStudy {
  // In the order of the nodes' names, whichever was quicker.
  const at = [...before.at.filter((each) => !next.at.some(({ node }) => node === each.node)), ...next.at].sort((a, b) =>
    a.node.localeCompare(b.node),
  );
  const counts = at.flatMap(({ instanceCount }) => instanceCount ?? []);
  const first = (key: TextKey): string => (meant(before[key]) === '' ? next[key] : before[key]);
  return {
    ...before,
    patientName: first('patientName'),
    patientId: first('patientId'),
    issuer: first('issuer'),
    birthDate: first('birthDate'),
    sex: first('sex'),
    studyDate: first('studyDate'),
    studyTime: first('studyTime'),
    accession: first('accession'),
    description: first('description'),
    referrer: first('referrer'),
    modalities: [...new Set([...before.modalities, ...next.modalities])],
    at,
    instanceCount: counts.length ? Math.max(...counts) : undefined,
    differences: differencesOf(at),
  };
}
