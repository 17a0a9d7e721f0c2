// What tells an image from others at its position: component of the complex signal, phase, echo, b-value, and when it was taken.
import { sortableMoment } from './date-time.ts';
import { numberOf, numbersOf, textOf, textsOf } from './json-values.ts';
import type { DicomJson } from './model.ts';
import { privateNumber } from './private-values.ts';

/** In the order they are asked: the first ones mean most. */
export const TRAITS = ['component', 'phase', 'trigger', 'echo', 'echo time', 'b-value', 'acquisition', 'time'] as const;
export type Trait = (typeof TRAITS)[number];

/** Of the complex MR signal (Complex Image Component, PS3.3 C.8.13.3.1.1), in the order they are shown: the trait is the index. */
export const COMPONENTS = ['magnitude', 'phase', 'real', 'imaginary'] as const;

export interface ImageTraits {
  /** Dimension Index Values of a frame (PS3.3 C.7.6.17): its place in the order its writer means. */
  dimensions: readonly number[];
  /** Numbers, in ms, in s/mm²; the time as text that sorts, YYYYMMDDHHMMSS.FFFFFF. What the header does not say is absent. */
  values: Readonly<Partial<Record<Trait, number | string>>>;
}

/** `group`: the functional group item of the frame that holds a macro. */
export function traitsOf(dataset: DicomJson, group: (tag: string) => DicomJson | undefined): ImageTraits {
  const content = group('00209111');
  const found: Record<Trait, number | string | undefined> = {
    component: componentOf(dataset, group('00189226')),
    phase: numberOf(content, '00209128') ?? numberOf(dataset, '00200100'),
    trigger: numberOf(group('00189118'), '00209153') ?? numberOf(dataset, '00181060'),
    echo: numberOf(dataset, '00180086'),
    'echo time': numberOf(group('00189114'), '00189082') ?? numberOf(dataset, '00180081'),
    'b-value': numberOf(group('00189117'), '00189087') ?? numberOf(dataset, '00189087') ?? privateBValue(dataset),
    acquisition: numberOf(content, '00209156') ?? numberOf(dataset, '00200012'),
    time: momentOf(dataset, content),
  };
  return {
    dimensions: numbersOf(content, '00209157') ?? [],
    values: Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
  };
}

const GE_IMAGE_TYPE = { group: '0043', creator: 'GEMS_PARM_01', element: '2F' };

/** Classic MR has no attribute for it: makers write it as value 3 of Image Type (PS3.3 C.8.3.1.1.1), as a letter or "PHASE MAP" or
 * "M_FFE", else as value 4; GE as a number of its own. `frameType`: MR Image Frame Type item. */
function componentOf(dataset: DicomJson, frameType: DicomJson | undefined): number | undefined {
  const stated = textOf(frameType, '00089208') ?? textOf(dataset, '00089208');
  if (stated === undefined && textOf(dataset, '00080060') !== 'MR') return undefined;
  for (const text of stated === undefined ? textsOf(dataset, '00080008').slice(2, 4) : [stated]) {
    const [word = ''] = text.toLowerCase().split(/[_ ]/);
    const index = COMPONENTS.findIndex((name) => word === name || word === name[0]);
    if (index >= 0) return index;
  }
  const own = privateNumber(dataset, GE_IMAGE_TYPE);
  return own !== undefined && COMPONENTS[own] ? own : undefined;
}

const SIEMENS_B_VALUE = { group: '0019', creator: 'SIEMENS MR HEADER', element: '0C' };
const PHILIPS_B_FACTOR = { group: '2001', creator: 'Philips Imaging DD 001', element: '03' };
const GE_B_VALUE = { group: '0043', creator: 'GEMS_PARM_01', element: '39' };

/** In s/mm². The classic MR Image has no attribute for it (PS3.3 C.8.3.1): each maker has one of its own. */
function privateBValue(dataset: DicomJson): number | undefined {
  const stated =
    privateNumber(dataset, SIEMENS_B_VALUE) ??
    privateNumber(dataset, PHILIPS_B_FACTOR, true) ??
    // GE adds 1,000,000,000 where the gradients are not the scanner's own.
    modulo(privateNumber(dataset, GE_B_VALUE), 1e9);
  return stated !== undefined && stated >= 0 ? stated : undefined;
}
const modulo = (value: number | undefined, by: number): number | undefined =>
  value === undefined ? undefined : value % by;

/** When it was taken, else when its content was made. With its day: series run past midnight. */
function momentOf(dataset: DicomJson, content: DicomJson | undefined): string | undefined {
  const whole = textOf(content, '00189074') ?? textOf(dataset, '0008002A');
  if (whole) return sortableMoment(whole.slice(0, 8), whole.slice(8).replace(/[+-]\d{4}$/, ''));
  const days = ['00080022', '00080023', '00080021', '00080020'].map((tag) => textOf(dataset, tag));
  for (const [day, time] of [
    [days[0], textOf(dataset, '00080032')],
    [days[1], textOf(dataset, '00080033')],
  ])
    if (time) return sortableMoment(day ?? days.find((each) => each !== undefined) ?? '00000000', time);
  return undefined;
}

/** As `Array.sort` asks. Unknown comes first. */
export function compareTraits(a: ImageTraits, b: ImageTraits): number {
  for (const trait of TRAITS) {
    const [left, right] = [a.values[trait], b.values[trait]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

/** As `Array.sort` asks. */
export function compareDimensions(a: ImageTraits, b: ImageTraits): number {
  const at = a.dimensions.findIndex((value, index) => value !== b.dimensions[index]);
  return at < 0 ? a.dimensions.length - b.dimensions.length : (a.dimensions[at] ?? 0) - (b.dimensions[at] ?? 0);
}
