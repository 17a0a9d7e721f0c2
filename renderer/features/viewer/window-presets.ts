// Windows by modality (conventions, or the person's own list), those that the header names, and what each comes to on the
// image that is shown.
import type { DicomJson } from '#shared/dicom/model.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { isColor } from '#shared/pixels/color.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';
import { suvFor, suvScale } from './pet-suv.ts';

/** `window`: in the modality's unit. `suv`: from and to a standardized uptake value. `range`: of the image's own values,
 * without `trim` (a part of 1) of the pixels at each end. `share`: from zero to a part (of 1) of its greatest value. */
export type PresetWindow =
  | { kind: 'window'; center: number; width: number }
  | { kind: 'suv'; from: number; to: number }
  | { kind: 'range'; trim: number }
  | { kind: 'share'; to: number };
export interface PresetRule {
  label: string;
  window: PresetWindow;
}
/** By modality; '' for all others. */
export type PresetLists = Readonly<Record<string, readonly PresetRule[]>>;

export interface Preset {
  label: string;
  /** What to show; undefined where this image has no such window. `range` and `share` are taken from the image when asked. */
  show: Voi | Extract<PresetWindow, { kind: 'range' | 'share' }> | undefined;
  /** Why not. */
  reason?: string;
}
export interface Presets {
  /** The header's windows and tables, in its order. */
  header: readonly Preset[];
  /** In the order of the number keys. */
  usual: readonly Preset[];
}

const window = (label: string, center: number, width: number): PresetRule => ({
  label,
  window: { kind: 'window', center, width },
});
const range = (label: string, trim: number): PresetRule => ({ label, window: { kind: 'range', trim } });
const share = (percent: number): PresetRule => ({
  label: `0 to ${percent} % of the greatest value`,
  window: { kind: 'share', to: percent / 100 },
});
const suv = (to: number): PresetRule => ({ label: `SUV 0 to ${to}`, window: { kind: 'suv', from: 0, to } });

const AUTOMATIC = range('Automatic (without the outermost 1 %)', 0.01);
const STRONG = range('More contrast (without the outermost 5 %)', 0.05);
const FULL = range('Full range', 0);
const OF_THE_IMAGE = [AUTOMATIC, STRONG, FULL] as const;

/** Numbers hold across machines where values have a unit of their own: HU and SUV. Elsewhere the image gives the window. */
export const DEFAULT_PRESETS: PresetLists = {
  CT: [
    window('Brain', 40, 80),
    window('Subdural', 75, 215),
    window('Stroke', 40, 40),
    window('Bone', 500, 2000),
    window('Lung', -600, 1500),
    window('Mediastinum', 50, 350),
    window('Abdomen', 40, 400),
    window('Liver', 60, 160),
    window('Angio', 300, 600),
    window('Temporal bone', 600, 2800),
  ],
  MR: OF_THE_IMAGE,
  PT: [suv(5), suv(7), suv(10), share(100), share(50), share(25), AUTOMATIC, FULL],
  NM: [share(100), share(75), share(50), share(25), AUTOMATIC, FULL],
  CR: OF_THE_IMAGE,
  DX: OF_THE_IMAGE,
  MG: OF_THE_IMAGE,
  US: OF_THE_IMAGE,
  '': OF_THE_IMAGE,
};

export const rulesFor = (modality: string, own: PresetLists): readonly PresetRule[] =>
  own[modality] ?? DEFAULT_PRESETS[modality] ?? own[''] ?? OF_THE_IMAGE;

const NONE: Presets = { header: [], usual: [] };

/** `dataset`: the metadata of the instance that the image is of. */
export function presetsFor(modality: string, image: ImageDescription, dataset: DicomJson, own: PresetLists): Presets {
  if (isColor(image)) return NONE;
  const windows = image.windows.map(({ center, width, explanation }, index): Preset => ({
    label: explanation || `Header window ${index + 1} (${center} / ${width})`,
    show: { kind: 'window', center, width, function: image.voiFunction },
  }));
  const tables = image.voiLuts.map((lut, index): Preset => ({
    label: lut.explanation || `Header table ${index + 1}`,
    show: { kind: 'lut', lut },
  }));
  return {
    header: [...windows, ...tables],
    usual: rulesFor(modality, own).map((rule) => ({ label: rule.label, ...shownAs(rule, modality, image, dataset) })),
  };
}

/** What a PET starts with whose header names no window: the first that is meant in SUV. The range of one slice shows a
 * bladder as bright as a brain. Undefined where there is no SUV. */
export function startVoi(dataset: DicomJson, own: PresetLists): Voi | undefined {
  const [first] = rulesFor('PT', own).flatMap(({ window: each }) => (each.kind === 'suv' ? [each] : []));
  return first && suvVoi(first, dataset);
}

function suvVoi({ from, to }: Extract<PresetWindow, { kind: 'suv' }>, dataset: DicomJson): Voi | undefined {
  const found = suvFor(dataset);
  const scale = found?.ok === true ? suvScale(found.value) : undefined;
  if (!scale) return undefined;
  const [low, high] = [from / scale.perUnit, to / scale.perUnit];
  return { kind: 'window', center: (low + high) / 2, width: high - low, function: 'LINEAR_EXACT' };
}

function shownAs(
  { window }: PresetRule,
  modality: string,
  image: ImageDescription,
  dataset: DicomJson,
): Pick<Preset, 'show' | 'reason'> {
  switch (window.kind) {
    case 'range':
    case 'share':
      return { show: window };
    case 'window':
      return modality === 'CT' && image.rescale === undefined && image.modalityLut === undefined
        ? { show: undefined, reason: 'the header gives no HU' }
        : { show: { ...window, function: 'LINEAR' } };
    case 'suv': {
      const found = suvFor(dataset);
      const show = suvVoi(window, dataset);
      return show ? { show } : { show, reason: found?.ok === false ? found.error : 'this is no PET' };
    }
  }
}
