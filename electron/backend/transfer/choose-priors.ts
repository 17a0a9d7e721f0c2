// Which earlier studies of a patient matter for the one at hand: a choice by the rules alone, newest first.
import { textOf } from '#backend/archive/instance-record.ts';
import { textsOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { PriorRules } from '#shared/contract/receiver.ts';

export interface Prior {
  studyUid: string;
  patientId: string;
  /** '' where it is not said. */
  issuer: string;
  /** YYYYMMDD; '' where it is not said. */
  date: string;
  modalities: readonly string[];
  /** Each once; none where it is not said. */
  bodyParts: readonly string[];
}

export function priorOf(dataset: DicomJson): Prior {
  const modalities = (dataset['00080061']?.Value ?? []).filter((value) => typeof value === 'string');
  return {
    studyUid: textOf(dataset, '0020000D'),
    patientId: textOf(dataset, '00100020'),
    issuer: textOf(dataset, '00100021'),
    date: textOf(dataset, '00080020'),
    modalities,
    bodyParts: bodyPartsIn([dataset]),
  };
}

/** Body Part Examined of each of these, each once and in alphabetical order. */
export const bodyPartsIn = (datasets: readonly DicomJson[]): string[] =>
  [...new Set(datasets.flatMap((dataset) => textsOf(dataset, '00180015')))].filter((part) => part !== '').sort();

/** What says nothing about the examination itself. */
const BESIDE = new Set(['SR', 'PR', 'KO', 'DOC', 'SEG', 'OT', 'REG', 'RWV']);

const wantedOf = ({ modalities }: Prior): string[] => modalities.filter((modality) => !BESIDE.has(modality));

/** What a choice depends on: studies that agree in it have the same priors. Without a date it is the study's own. */
export const choiceKey = (current: Prior, rules: PriorRules): string =>
  JSON.stringify([
    current.patientId,
    current.issuer,
    current.date || current.studyUid,
    rules.sameModality ? wantedOf(current) : [],
    rules.sameBodyPart ? current.bodyParts : [],
  ]);

/** Studies of the same patient before the current one that the rules ask for. Another issuer of the ID is another patient; an
 * unsaid one may be the same, and so may an unsaid body part. `bodyPartsOf` looks it up for a study of which the list does not say
 * it; its rejection is this one's. */
export async function choosePriors(
  current: Prior,
  studies: readonly Prior[],
  rules: PriorRules,
  bodyPartsOf: (study: Prior) => Promise<readonly string[]>,
): Promise<Prior[]> {
  const isOfBodyPart = async (study: Prior): Promise<boolean> => {
    if (!rules.sameBodyPart || !current.bodyParts.length) return true;
    const parts = study.bodyParts.length ? study.bodyParts : await bodyPartsOf(study);
    return !parts.length || parts.some((part) => current.bodyParts.includes(part));
  };
  const chosen: Prior[] = [];
  for (const study of candidates(current, studies, rules)) {
    if (chosen.length === rules.maxCount) break;
    if (await isOfBodyPart(study)) chosen.push(study);
  }
  return chosen;
}

/** Issuers of the current patient's ID where these leave open who that is: several of the studies' patients have it, of different
 * issuers, and the current one names none. Else none. */
export function openIssuers({ patientId, issuer }: Prior, studies: readonly Prior[]): string[] {
  const same = studies.filter((study) => study.patientId === patientId && study.issuer !== '');
  const issuers = [...new Set(same.map((study) => study.issuer))].sort();
  return issuer === '' && issuers.length > 1 ? issuers : [];
}

/** All that may be one by what the list says but for body parts, newest first. */
function candidates(current: Prior, studies: readonly Prior[], rules: PriorRules): Prior[] {
  const wanted = wantedOf(current);
  return studies
    .filter(
      (study) =>
        study.studyUid !== '' &&
        study.studyUid !== current.studyUid &&
        study.patientId === current.patientId &&
        (study.issuer === '' || current.issuer === '' || study.issuer === current.issuer) &&
        (current.date === '' || study.date === '' || study.date <= current.date) &&
        isRecent(study.date, current.date, rules.maxAgeYears) &&
        (!rules.sameModality || !wanted.length || study.modalities.some((modality) => wanted.includes(modality))),
    )
    .sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
}

/** A study without a date may be recent. */
function isRecent(date: string, reference: string, maxAgeYears: number | null): boolean {
  if (maxAgeYears === null || !/^\d{8}$/.test(date) || !/^\d{8}$/.test(reference)) return true;
  const years = (text: string): number =>
    Number(text.slice(0, 4)) + Number(text.slice(4, 6)) / 12 + Number(text.slice(6)) / 365;
  return years(reference) - years(date) <= maxAgeYears;
}
