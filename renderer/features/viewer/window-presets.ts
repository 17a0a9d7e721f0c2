// Windows by modality, and those that the header names.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';

export interface Preset {
  label: string;
  voi: Voi;
}

const LINEAR_WINDOWS: Record<string, readonly (readonly [string, number, number])[]> = {
  CT: [
    ['Soft tissue', 40, 400],
    ['Lung', -600, 1500],
    ['Bone', 500, 2000],
    ['Brain', 40, 80],
    ['Liver', 60, 160],
    ['Mediastinum', 50, 350],
    ['Angio', 300, 600],
  ],
};

/** Presets in the order of the number keys: the header's own first. */
export function presetsFor(modality: string, image: ImageDescription): Preset[] {
  const own = image.windows.map(({ center, width, explanation }, index): Preset => ({
    label: explanation || `Header window ${index + 1} (${center} / ${width})`,
    voi: { kind: 'window', center, width, function: image.voiFunction },
  }));
  const tables = image.voiLuts.map((lut, index): Preset => ({
    label: lut.explanation || `Header table ${index + 1}`,
    voi: { kind: 'lut', lut },
  }));
  const usual = (LINEAR_WINDOWS[modality] ?? []).map(([label, center, width]): Preset => ({
    label,
    voi: { kind: 'window', center, width, function: 'LINEAR' },
  }));
  return [...own, ...tables, ...usual];
}
