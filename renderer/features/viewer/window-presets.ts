// Windows by modality, those that the header names, and two that the picture itself gives.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';

export interface Preset {
  label: string;
  voi: Voi;
}

/** Convention exists where numbers have a unit of their own: HU. Other modalities have none that hold across machines. */
const USUAL: Record<string, readonly (readonly [string, number, number])[]> = {
  CT: [
    ['Soft tissue', 40, 400],
    ['Lung', -600, 1500],
    ['Bone', 500, 2000],
    ['Brain', 40, 80],
    ['Liver', 60, 160],
    ['Mediastinum', 50, 350],
    ['Angio', 300, 600],
    ['Stroke', 40, 40],
    ['Subdural', 75, 215],
    ['Temporal bone', 600, 2800],
  ],
};

/** Presets in the order of the number keys: the header's own first. */
export function presetsFor(modality: string, image: ImageDescription): Preset[] {
  if (image.samplesPerPixel > 1) return [];
  const own = image.windows.map(({ center, width, explanation }, index): Preset => ({
    label: explanation || `Header window ${index + 1} (${center} / ${width})`,
    voi: { kind: 'window', center, width, function: image.voiFunction },
  }));
  const tables = image.voiLuts.map((lut, index): Preset => ({
    label: lut.explanation || `Header table ${index + 1}`,
    voi: { kind: 'lut', lut },
  }));
  // Presets in HU mean nothing where the header gives stored values only.
  const isHu = modality !== 'CT' || image.rescale !== undefined;
  const usual = (isHu ? (USUAL[modality] ?? []) : []).map(([label, center, width]): Preset => ({
    label,
    voi: { kind: 'window', center, width, function: 'LINEAR' },
  }));
  return [...own, ...tables, ...usual];
}
