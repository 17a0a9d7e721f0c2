// What an object without a view of its own is, and what it holds, in a few lines: enough to know whether it matters.
import { itemsOf, numberOf, textOf } from '#shared/dicom/json-values.ts';
import { hasPixels, shouldHavePixels } from '#shared/dicom/is-image.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

export interface ObjectSummary {
  /** The kind of object, in words. */
  kind: string;
  lines: string[];
  /** An image whose pixels are missing: not whole. */
  isCut: boolean;
}

const STORAGE = '1.2.840.10008.5.1.4.1.1.';
/** By SOP class UID (PS3.6 A), longest beginning first. */
const KINDS: readonly (readonly [string, string])[] = [
  [`${STORAGE}66.1`, 'Spatial registration'],
  [`${STORAGE}66.2`, 'Spatial fiducials'],
  [`${STORAGE}66.3`, 'Deformable spatial registration'],
  [`${STORAGE}66.4`, 'Segmentation'],
  [`${STORAGE}66.5`, 'Surface segmentation'],
  [`${STORAGE}66.7`, 'Label map segmentation'],
  [`${STORAGE}66`, 'Raw data'],
  [`${STORAGE}67`, 'Real world value mapping'],
  [`${STORAGE}11.`, 'Presentation state'],
  [`${STORAGE}9.`, 'Waveform'],
  [`${STORAGE}88.59`, 'Key object selection'],
  [`${STORAGE}104.`, 'Encapsulated document'],
  [`${STORAGE}481.2`, 'Radiotherapy dose'],
  [`${STORAGE}481.3`, 'Radiotherapy structure set'],
  [`${STORAGE}481.5`, 'Radiotherapy plan'],
  [`${STORAGE}481.8`, 'Radiotherapy ion plan'],
  [`${STORAGE}481.`, 'Radiotherapy object'],
  [`${STORAGE}68.`, 'Surface scan'],
  [`${STORAGE}91.1`, 'Microscopy annotations'],
  ['1.2.840.10008.5.1.4.38.', 'Hanging protocol'],
];

/** Pixels of these are labels, not a picture: shown as one they would mislead. */
const LABEL_CLASSES = new Set([`${STORAGE}66.4`, `${STORAGE}66.7`]);
export const isLabelClass = (sopClassUid: string): boolean => LABEL_CLASSES.has(sopClassUid);
export const isLabelObject = (dataset: DicomJson): boolean => isLabelClass(textOf(dataset, '00080016') ?? '');

export function summaryOf(dataset: DicomJson): ObjectSummary {
  const sopClass = textOf(dataset, '00080016') ?? '';
  const known = KINDS.find(([uid]) => sopClass === uid || sopClass.startsWith(uid))?.[1];
  const isCut = !hasPixels(dataset) && shouldHavePixels(dataset);
  const kind = known ?? (isCut ? 'Image without its pixel data' : `Object without pixel data, of class ${sopClass}`);
  const named = (sequence: string, tag: string): string[] =>
    itemsOf(dataset, sequence).map((item) => textOf(item, tag) ?? 'unnamed');
  const counted = (name: string, names: string[]): string | undefined =>
    names.length
      ? `${names.length} ${name}${names.length === 1 ? '' : 's'}: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' …' : ''}`
      : undefined;
  const referenced = itemsOf(dataset, '00081115').flatMap((series) => itemsOf(series, '00081140')).length;
  const channels = itemsOf(dataset, '54000100').map(
    (group) => `${numberOf(group, '003A0005') ?? '?'} channels, ${numberOf(group, '003A001A') ?? '?'} samples a second`,
  );
  const lines = new Set([
    isCut && 'Its data set is that of an image, but there are no pixels in it: the file may have been cut before them.',
    textOf(dataset, '00700080') && `Label: ${textOf(dataset, '00700080')}`,
    textOf(dataset, '00700081'),
    textOf(dataset, '30060002') && `Label: ${textOf(dataset, '30060002')}`,
    textOf(dataset, '300A0002') && `Label: ${textOf(dataset, '300A0002')}`,
    counted('segment', named('00620002', '00620005')),
    counted('structure', named('30060020', '30060026')),
    counted('beam', named('300A00B0', '300A00C2')),
    counted('value mapping', named('00409096', '00409210')),
    ...channels,
    referenced > 0 && `Refers to ${referenced} ${referenced === 1 ? 'image' : 'images'}`,
  ]);
  return { kind, isCut, lines: [...lines].filter((line): line is string => typeof line === 'string' && line !== '') };
}
