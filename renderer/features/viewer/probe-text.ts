// The probe's line: place, value with its unit, stored value.
import { itemsOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { realWorldValue, type RealWorldMapping } from '#shared/dicom/real-world-values.ts';
import type { Probe } from '../../imaging/index.ts';
import { suvText } from './pet-suv.ts';

/** Unit of modality values: Rescale or Modality LUT Type (PS3.3 C.11.1.1.2), Units of PET (C.8.9.1.1.3), HU for CT; '' when unknown. */
export function unitOf(dataset: DicomJson, image: ImageDescription): string {
  const type = image.modalityLut ? textOf(itemsOf(dataset, '00283000')[0], '00283004') : image.rescale?.type;
  const modality = textOf(dataset, '00080060');
  if (modality === 'PT' || modality === 'NM') return textOf(dataset, '00541001') ?? '';
  if (type && type !== 'US') return type;
  return modality === 'CT' && image.rescale ? 'HU' : '';
}

/** Whole numbers as they are; others with six digits or more, one of them behind the point: a rounded one ends in a fraction, be it
 * zeros, or in an exponent. From 1e15 on a double has no fractions left that are worth their digits. */
function short(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const wholeDigits = Math.floor(Math.log10(Math.abs(value))) + 1;
  const isPlain = wholeDigits <= 15 && wholeDigits > -6;
  const shown = isPlain ? value.toFixed(Math.max(1, 6 - wholeDigits)) : value.toPrecision(6);
  // What sums and products of doubles leave in their last digits was not rounded away.
  return Number(value.toPrecision(15)) === Number(shown) ? String(Number(shown)) : shown;
}

/** Real values of the mappings that are for this stored value, but for those that say the same again. */
function realWorldText(stored: number, value: number, unit: string, mappings: readonly RealWorldMapping[]): string {
  return mappings
    .flatMap((mapping) => {
      const real = realWorldValue(mapping, stored);
      if (real === undefined || (real === value && (unit !== '' || mapping.unit === ''))) return [];
      return [[mapping.name, short(real), mapping.unit].filter(Boolean).join(' ')];
    })
    .join(', ');
}

/** `dataset`: the instance's metadata, for what PET values are in SUV; `mappings`: of the frame. */
export function probeText(
  probe: Probe,
  unit: string,
  dataset: DicomJson = {},
  mappings: readonly RealWorldMapping[] = [],
): string {
  const place = `${probe.column + 1}, ${probe.row + 1}`;
  if (probe.value === undefined) return `${place}: ${probe.stored.map(short).join(' ') || 'colour'}`;
  if (probe.isPadding) return `${place}: padding (stored ${short(probe.stored[0] ?? 0)})`;
  const [stored] = probe.stored;
  const real = stored === undefined ? '' : realWorldText(stored, probe.value, unit, mappings);
  const modality = `${short(probe.value)}${unit && ` ${unit}`}`;
  // Without a transform of the modality its value is the stored one, which stands behind what it means.
  const isStoredAlone = real !== '' && unit === '' && stored === probe.value;
  const values = [suvText(dataset, probe.value), isStoredAlone ? '' : modality, real].filter(Boolean).join(', ');
  const raw = stored !== undefined && values !== short(stored) ? ` (stored ${short(stored)})` : '';
  return `${place}: ${values}${raw}`;
}
