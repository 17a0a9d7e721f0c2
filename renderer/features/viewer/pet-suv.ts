// SUV of the PET that is shown, in words: under the cursor, as the window's ends, and why there is none.
import type { Result } from '#shared/base/result.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';
import { suvOf, type SuvFactors } from '#shared/pixels/suv.ts';

type Suv = Result<SuvFactors, string> | undefined;
const known = new WeakMap<DicomJson, { suv: Suv }>();

/** Factors of an instance, worked out once; undefined where it is no PET. */
export function suvFor(dataset: DicomJson): Suv {
  let entry = known.get(dataset);
  if (!entry) known.set(dataset, (entry = { suv: suvOf(dataset) }));
  return entry.suv;
}

const KINDS = ['bw', 'lbm', 'bsa'] as const;
const short = (value: number): string => String(Number(value.toPrecision(3)));

/** The kind that windows are meant in: by body weight where it is known. */
export function suvScale(factors: SuvFactors): { kind: string; perUnit: number } | undefined {
  const kind = KINDS.find((each) => factors[each] !== undefined);
  const perUnit = kind && factors[kind];
  return kind && perUnit ? { kind: `SUV${kind}`, perUnit } : undefined;
}

/** `SUVbw 3.24 (lbm 2.5, bsa 0.61 cm2/ml)` of a value in the modality's unit; undefined where there is no SUV. */
export function suvText(dataset: DicomJson, value: number): string | undefined {
  const found = suvFor(dataset);
  if (!found?.ok) return undefined;
  const [first, ...others] = KINDS.flatMap((kind) => {
    const factor = found.value[kind];
    return factor === undefined ? [] : [`${kind} ${short(value * factor)}${kind === 'bsa' ? ' cm²/ml' : ''}`];
  });
  return first && `SUV${first}${others.length > 0 ? ` (${others.join(', ')})` : ''}`;
}

/** `SUVbw 0 to 5`: what a window's ends are; undefined where there is no SUV. */
export function suvWindowText(dataset: DicomJson, voi: Voi): string | undefined {
  const found = suvFor(dataset);
  const scale = found?.ok === true ? suvScale(found.value) : undefined;
  if (!scale || voi.kind !== 'window') return undefined;
  const at = (part: number): string => {
    const value = (voi.center + part * voi.width) * scale.perUnit;
    return short(Math.abs(value) < 1e-6 ? 0 : value);
  };
  return `${scale.kind} ${at(-0.5)} to ${at(0.5)}`;
}

/** How SUV was worked out, for whoever checks it; undefined where there is none. */
export function suvBasisText(dataset: DicomJson): string | undefined {
  const found = suvFor(dataset);
  return found?.ok === true ? `SUV: ${found.value.basis}` : undefined;
}

/** Why a PET has no SUV, for the mark on the image; undefined where it has, or is no PET. */
export function noSuvReason(dataset: DicomJson): string | undefined {
  const found = suvFor(dataset);
  return found?.ok === false ? `no SUV: ${found.error}` : undefined;
}
