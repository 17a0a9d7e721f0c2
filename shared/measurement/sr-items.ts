// Content items of a structured report (PS3.3 C.17.3) as DICOM JSON, made and looked into.
import { itemsOf, personNameOf, textOf } from '../dicom/json-values.ts';
import type { DicomJson, JsonValue } from '../dicom/model.ts';
import { codeItem, CODES, type Code } from './report-codes.ts';

export type Item = DicomJson;
export const sequence = (...items: DicomJson[]): DicomJson[string] => ({ vr: 'SQ', Value: items });
export const content = (
  type: string,
  relation: string,
  name: Code | undefined,
  value: DicomJson,
  children: readonly Item[] = [],
): Item => ({
  '0040A010': { vr: 'CS', Value: [relation] },
  '0040A040': { vr: 'CS', Value: [type] },
  ...(name && { '0040A043': sequence(codeItem(name)) }),
  ...value,
  ...(children.length > 0 && { '0040A730': sequence(...children) }),
});
const SEPARATE: DicomJson = { '0040A050': { vr: 'CS', Value: ['SEPARATE'] } };
export const container = (name: Code, children: readonly Item[]): Item =>
  content('CONTAINER', 'CONTAINS', name, SEPARATE, children);
export const coded = (relation: string, name: Code, value: DicomJson): Item =>
  content('CODE', relation, name, { '0040A168': sequence(value) });
export const plain = (type: string, relation: string, name: Code, tag: string, vr: string, value: JsonValue): Item =>
  content(type, relation, name, { [tag]: { vr, Value: [value] } });
/** A frame, or an object without frames to tell apart. */
export interface Reference {
  sopClassUid: string;
  sopInstanceUid: string;
  /** From 1. */
  frameNumber: number | undefined;
}
export const imageReference = (relation: string, { sopClassUid, sopInstanceUid, frameNumber }: Reference): Item =>
  content('IMAGE', relation, undefined, {
    '00081199': sequence({
      '00081150': { vr: 'UI', Value: [sopClassUid] },
      '00081155': { vr: 'UI', Value: [sopInstanceUid] },
      ...(frameNumber !== undefined && { '00081160': { vr: 'IS', Value: [frameNumber] } }),
    }),
  });

/** Codes of SNOMED CT as they were written before 2019 (PS3.16 annex O). */
const FORMERLY: Record<string, string> = { [CODES.length.value]: 'G-D7FE' };
export const isCode = (item: DicomJson | undefined, { value, scheme }: Code): boolean => {
  const [found, of] = [textOf(item, '00080100'), textOf(item, '00080102')];
  return (found === value && of === scheme) || (of === 'SRT' && scheme === 'SCT' && found === FORMERLY[value]);
};
export const isNamed = (item: Item, name: Code): boolean => isCode(itemsOf(item, '0040A043')[0], name);
export const childrenOf = (item: Item): Item[] => itemsOf(item, '0040A730');
export const typeOf = (item: Item): string | undefined => textOf(item, '0040A040');

export const childNamed = (item: Item, name: Code): Item | undefined =>
  childrenOf(item).find((child) => isNamed(child, name));

/** Person or device that made a document, as it says itself (PS3.16 TID 1002); '' where it does not. */
export function observerOf(dataset: DicomJson): { observer: string; isByDevice: boolean } {
  const isByDevice = isCode(itemsOf(childNamed(dataset, CODES.observerType), '0040A168')[0], CODES.device);
  const person = personNameOf(childNamed(dataset, CODES.observerName), '0040A123');
  const device = textOf(childNamed(dataset, CODES.deviceName), '0040A160') ?? '';
  return { observer: isByDevice ? device : person, isByDevice };
}

/** Who made a document (PS3.16 TID 1002): a person. */
export const observerItems = (name: string): Item[] => [
  coded('HAS OBS CONTEXT', CODES.observerType, codeItem(CODES.person)),
  plain('PNAME', 'HAS OBS CONTEXT', CODES.observerName, '0040A123', 'PN', { Alphabetic: name }),
];

/** Content Template Sequence of a document's root (PS3.3 C.18.8). */
export const templateOf = (identifier: string): DicomJson => ({
  '0040A504': sequence({
    '00080105': { vr: 'CS', Value: ['DCMR'] },
    '0040DB00': { vr: 'CS', Value: [identifier] },
  }),
});
