// The probe's line: place, value with its unit, stored value.
import { itemsOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
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

const short = (value: number): string =>
  String(Number.isSafeInteger(value) ? value : Number(value.toPrecision(Math.abs(value) < 1e6 ? 6 : 4)));

/** `dataset`: the instance's metadata, for what PET values are in SUV. */
export function probeText(probe: Probe, unit: string, dataset: DicomJson = {}): string {
  const place = `${probe.column + 1}, ${probe.row + 1}`;
  if (probe.value === undefined) return `${place}: ${probe.stored.map(short).join(' ') || 'colour'}`;
  if (probe.isPadding) return `${place}: padding (stored ${short(probe.stored[0] ?? 0)})`;
  const [stored] = probe.stored;
  const raw = stored !== undefined && (stored !== probe.value || unit !== '') ? ` (stored ${short(stored)})` : '';
  const suv = suvText(dataset, probe.value);
  return `${place}: ${suv ? `${suv}, ` : ''}${short(probe.value)}${unit && ` ${unit}`}${raw}`;
}
