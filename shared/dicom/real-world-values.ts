// What stored values stand for: Real World Value Mapping (PS3.3 C.7.6.16.2.11) and the dose of an RT Dose (C.8.8.3). Beside the
// modality's own transform, which it neither replaces nor follows.
import { itemsOf, numberOf, numbersOf, textOf } from './json-values.ts';
import type { DicomJson } from './model.ts';

export interface RealWorldMapping {
  /** Of the header; '' when unsaid. */
  name: string;
  /** UCUM where the header has it, else its own words; '' for a pure number. */
  unit: string;
  /** Stored values that it is for, both ends included. */
  range: readonly [number, number];
  /** The real values of `range`, one after the other; where there are none, `slope` and `intercept` hold. */
  values: readonly number[] | undefined;
  slope: number;
  intercept: number;
}

const RT_DOSE = '1.2.840.10008.5.1.4.1.1.481.2';
const MAPPINGS = '00409096';

/** Of a frame, from 0: its own, else those that all frames share, else the image's. A mapping that is not whole is left out. */
export function realWorldMappingsOf(dataset: DicomJson, frameIndex: number): RealWorldMapping[] {
  const places = [itemsOf(dataset, '52009230')[frameIndex], itemsOf(dataset, '52009229')[0], dataset];
  const items = places.map((place) => itemsOf(place, MAPPINGS)).find((each) => each.length > 0) ?? [];
  return [...items.map(mappingOf), doseOf(dataset)].filter((each) => each !== undefined);
}

/** Undefined where none is for this stored value, or the mapping has no number for it. */
export function realWorldValue(
  { range: [first, last], values, slope, intercept }: RealWorldMapping,
  stored: number,
): number | undefined {
  if (stored < first || stored > last) return undefined;
  return values ? values[stored - first] : stored * slope + intercept;
}

function mappingOf(item: DicomJson): RealWorldMapping | undefined {
  const first = numberOf(item, '00409214') ?? numberOf(item, '00409216');
  const last = numberOf(item, '00409213') ?? numberOf(item, '00409211');
  const values = numbersOf(item, '00409212');
  const slope = numberOf(item, '00409225');
  const intercept = numberOf(item, '00409224');
  if (first === undefined || last === undefined) return undefined;
  if (!values && (slope === undefined || intercept === undefined)) return undefined;
  const unit = itemsOf(item, '004008EA')[0];
  const code = textOf(unit, '00080100');
  return {
    name: textOf(item, '00283003') ?? textOf(item, '00409210') ?? '',
    unit: textOf(unit, '00080102') === 'UCUM' ? unitText(code ?? '') : (textOf(unit, '00080104') ?? code ?? ''),
    range: [first, last],
    values,
    slope: slope ?? 1,
    intercept: intercept ?? 0,
  };
}

/** '1' and annotations in braces are no unit. */
const unitText = (code: string): string => (code === '1' ? '' : code.replace(/\{[^}]*\}/g, '').trim());

function doseOf(dataset: DicomJson): RealWorldMapping | undefined {
  const slope = textOf(dataset, '00080016') === RT_DOSE ? numberOf(dataset, '3004000E') : undefined;
  if (slope === undefined) return undefined;
  const unit = textOf(dataset, '30040002');
  return {
    name: 'dose',
    unit: unit === 'GY' ? 'Gy' : unit === 'RELATIVE' ? 'relative' : '',
    range: [-Infinity, Infinity],
    values: undefined,
    slope,
    intercept: 0,
  };
}
