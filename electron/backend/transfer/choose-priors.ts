// Which earlier studies of a patient matter for the one at hand: a pure choice by the rules, newest first.
import { textOf } from '#backend/archive/instance-record.ts';
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
  bodyPart: string;
}

export function priorOf(dataset: DicomJson): Prior {
  const modalities = (dataset['00080061']?.Value ?? []).filter((value) => typeof value === 'string');
  return {
    studyUid: textOf(dataset, '0020000D'),
    patientId: textOf(dataset, '00100020'),
    issuer: textOf(dataset, '00100021'),
    date: textOf(dataset, '00080020'),
    modalities,
    bodyPart: textOf(dataset, '00180015'),
  };
}

/** What says nothing about the examination itself. */
const BESIDE = new Set(['SR', 'PR', 'KO', 'DOC', 'SEG', 'OT', 'REG', 'RWV']);

/** Studies of the same patient before the current one that the rules ask for. Another issuer of the ID is another patient; an
 * unsaid one may be the same. */
export function choosePriors(current: Prior, studies: readonly Prior[], rules: PriorRules): Prior[] {
  const wanted = current.modalities.filter((modality) => !BESIDE.has(modality));
  return studies
    .filter(
      (study) =>
        study.studyUid !== '' &&
        study.studyUid !== current.studyUid &&
        study.patientId === current.patientId &&
        (study.issuer === '' || current.issuer === '' || study.issuer === current.issuer) &&
        (current.date === '' || study.date === '' || study.date <= current.date) &&
        isRecent(study.date, current.date, rules.maxAgeYears) &&
        (!rules.sameModality || !wanted.length || study.modalities.some((modality) => wanted.includes(modality))) &&
        (!rules.sameBodyPart ||
          current.bodyPart === '' ||
          study.bodyPart === '' ||
          study.bodyPart === current.bodyPart),
    )
    .sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0))
    .slice(0, rules.maxCount);
}

/** A study without a date may be recent. */
function isRecent(date: string, reference: string, maxAgeYears: number | null): boolean {
  if (maxAgeYears === null || !/^\d{8}$/.test(date) || !/^\d{8}$/.test(reference)) return true;
  const years = (text: string): number =>
    Number(text.slice(0, 4)) + Number(text.slice(4, 6)) / 12 + Number(text.slice(6)) / 365;
  return years(reference) - years(date) <= maxAgeYears;
}
