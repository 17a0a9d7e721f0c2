// What one frame's header says of its picture: pixel layout, look-up tables, windows, geometry, timing, marks. Unknown is
// undefined, never a default; what contradicts the standard is listed in `problems`.
import { colorProfileOf, type ColorProfile } from './icc-profile.ts';
import { geometryOf, type ImageGeometry } from './image-geometry.ts';
import { traitsOf, type ImageTraits } from './image-traits.ts';
import { itemsOf, numberOf, numbersOf, textOf, textsOf } from './json-values.ts';
import { lutOf, paletteOf, type InputRange, type Lut, type PixelPalette } from './look-up-tables.ts';
import type { DicomJson } from './model.ts';
import { overlaysOf, type Overlay } from './overlay-planes.ts';
import { shuttersOf, type Shutters } from './shutters.ts';
import { hasLost } from './transfer-syntaxes.ts';
import { ultrasoundRegionsOf, type UltrasoundRegion } from './ultrasound-regions.ts';

export type { Lut, Overlay, PixelPalette };

export interface VoiWindow {
  center: number;
  width: number;
  explanation: string;
}
export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

export interface ImageDescription extends ImageGeometry, Shutters {
  sopInstanceUid: string;
  sopClassUid: string;
  transferSyntaxUid: string;
  /** From 0. */
  frameIndex: number;
  frameCount: number;
  rows: number;
  columns: number;
  samplesPerPixel: number;
  photometric: string;
  isPlanar: boolean;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  isSigned: boolean;
  pixelKind: 'integer' | 'float' | 'double';
  rescale: { slope: number; intercept: number; type: string | undefined } | undefined;
  modalityLut: Lut | undefined;
  windows: VoiWindow[];
  voiFunction: VoiFunction;
  voiLuts: Lut[];
  presentationShape: 'IDENTITY' | 'INVERSE' | undefined;
  presentationLut: Lut | undefined;
  /** Stored values that are no picture, both ends included. */
  padding: readonly [number, number] | undefined;
  palette: PixelPalette | undefined;
  /** Of a colour image whose colours are not sRGB. */
  colorProfile: ColorProfile | undefined;
  overlays: Overlay[];
  /** Of an ultrasound picture, whose parts are calibrated each by itself. */
  regions: UltrasoundRegion[];
  traits: ImageTraits;
  frameTimesMs: number[] | undefined;
  /** First and last frame that a cine plays, from 0. */
  trim: readonly [number, number] | undefined;
  /** A cine is meant to run back and forth: Preferred Playback Sequencing (PS3.3 C.7.6.5). */
  isSweep: boolean;
  /** Undefined: the header says nothing, and the transfer syntax is used for both. */
  isLossy: boolean | undefined;
  lossyRatio: number | undefined;
  hasBurnedInText: boolean | undefined;
  problems: string[];
}

/** Describes frame `frameIndex` (from 0) of an instance's metadata; undefined when it holds no picture. */
export function describeImage(dataset: DicomJson, frameIndex: number): ImageDescription | undefined {
  const rows = numberOf(dataset, '00280010');
  const columns = numberOf(dataset, '00280011');
  if (!rows || !columns) return undefined;
  const problems: string[] = [];
  const shared = itemsOf(dataset, '52009229')[0];
  const perFrame = itemsOf(dataset, '52009230')[frameIndex];
  /** The functional group item that holds a macro: the frame's own, else the shared one (PS3.3 C.7.6.16). */
  const group = (tag: string): DicomJson | undefined => itemsOf(perFrame, tag)[0] ?? itemsOf(shared, tag)[0];
  const samplesPerPixel = numberOf(dataset, '00280002') ?? 1;
  const frameCount = Math.max(1, numberOf(dataset, '00280008') ?? 1);
  const pixelKind = dataset['7FE00009'] ? 'double' : dataset['7FE00008'] ? 'float' : 'integer';
  const bitsAllocated = { double: 64, float: 32, integer: numberOf(dataset, '00280100') ?? 0 }[pixelKind];
  const { bitsStored, highBit } = storedBitsOf(dataset, bitsAllocated, pixelKind === 'integer' ? problems : []);
  const isSigned = numberOf(dataset, '00280103') === 1;
  const transferSyntaxUid = textOf(dataset, '00083002') ?? '';
  const voi = group('00289132') ?? dataset;
  const stored = storedRange(bitsStored, isSigned);
  const palette = paletteOf(dataset, stored, problems);
  const photometric = photometricOf(dataset, samplesPerPixel, palette !== undefined, problems);
  const hasColor = samplesPerPixel >= 3 || photometric === 'PALETTE COLOR';
  const modality = modalityOf(dataset, group('00289145'), stored, problems);
  const geometry = geometryOf(dataset, group, problems);
  if (dataset['52009230'] && !perFrame) problems.push(groupsMissing(frameIndex, modality, geometry));
  return {
    sopInstanceUid: textOf(dataset, '00080018') ?? '',
    sopClassUid: textOf(dataset, '00080016') ?? '',
    transferSyntaxUid,
    frameIndex,
    frameCount,
    rows,
    columns,
    samplesPerPixel,
    photometric,
    isPlanar: numberOf(dataset, '00280006') === 1,
    bitsAllocated,
    bitsStored,
    highBit,
    isSigned,
    pixelKind,
    ...modality,
    ...voiOf(voi, modalityRange(modality, stored), problems),
    presentationShape: presentationShapeOf(dataset, photometric, problems),
    presentationLut: lutOf(itemsOf(dataset, '20500010')[0], [0, 0xffff], problems),
    padding: paddingOf(dataset, pixelKind, isSigned, bitsStored),
    palette,
    // Optical Path Identification Sequence (PS3.3 C.8.12.6.2).
    colorProfile: hasColor ? colorProfileOf(dataset, group('00480207'), problems) : undefined,
    overlays: overlaysOf(dataset, problems),
    // Frame Display Shutter Sequence (PS3.3 C.7.6.16.2.16).
    ...shuttersOf(group('00189472') ?? dataset, problems),
    ...geometry,
    regions: ultrasoundRegionsOf(dataset, { rows, columns }, geometry.spacingMm, problems),
    traits: traitsOf(dataset, group),
    frameTimesMs: frameTimesOf(dataset, problems),
    trim: trimOf(dataset, frameCount, problems),
    isSweep: numberOf(dataset, '00181244') === 1,
    isLossy: isLossyOf(dataset, transferSyntaxUid),
    lossyRatio: numbersOf(dataset, '00282112')?.at(-1),
    hasBurnedInText: textOf(dataset, '00280301') === undefined ? undefined : textOf(dataset, '00280301') === 'YES',
    problems,
  };
}

/** The Per-frame Functional Groups Sequence shall have an item for each frame (PS3.3 C.7.6.16). */
function groupsMissing(
  frameIndex: number,
  { rescale, modalityLut }: Pick<ImageDescription, 'rescale' | 'modalityLut'>,
  { positionLps }: ImageGeometry,
): string {
  const unknown = [
    !rescale && !modalityLut && 'its values are as stored, without unit',
    !positionLps && 'its place is not known',
  ].filter((each) => each !== false);
  return `Frame ${frameIndex + 1} has no functional groups of its own (5200,9230): ${unknown.join(', ') || 'what is shared is used'}.`;
}

/** Where the stored bits lie in those allocated (PS3.5 8.1.1); what cannot be is taken as most writers mean it, and said. */
function storedBitsOf(
  dataset: DicomJson,
  bitsAllocated: number,
  problems: string[],
): Pick<ImageDescription, 'bitsStored' | 'highBit'> {
  const bitsStored = numberOf(dataset, '00280101') ?? bitsAllocated;
  // Without Bits Allocated no frame is decoded, and that is said.
  if (bitsAllocated === 0) return { bitsStored, highBit: bitsStored - 1 };
  if (bitsStored < 1 || bitsStored > bitsAllocated) {
    problems.push(`Bits Stored is ${bitsStored}, Bits Allocated ${bitsAllocated}; all bits are shown.`);
    return { bitsStored: bitsAllocated, highBit: bitsAllocated - 1 };
  }
  const lowest = bitsStored - 1;
  const highBit = numberOf(dataset, '00280102') ?? lowest;
  if (highBit >= lowest && highBit < bitsAllocated) return { bitsStored, highBit };
  problems.push(`High Bit is ${highBit}, impossible with ${bitsStored} bits stored; it is taken as ${lowest}.`);
  return { bitsStored, highBit: lowest };
}

/** What the header says, unless it denies what its transfer syntax cannot but do. */
function isLossyOf(dataset: DicomJson, transferSyntaxUid: string): boolean | undefined {
  const stated = textOf(dataset, '00282110');
  if (stated === '01') return true;
  return hasLost(transferSyntaxUid) ?? (stated === '00' ? false : undefined);
}

const storedRange = (bitsStored: number, isSigned: boolean): InputRange =>
  isSigned ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];

function photometricOf(dataset: DicomJson, samplesPerPixel: number, hasPalette: boolean, problems: string[]): string {
  const stated = textOf(dataset, '00280004') ?? (samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2');
  // A supplemental palette colours some of the values of a grey image (PS3.3 C.7.6.19).
  if (stated.startsWith('MONOCHROME') && ['COLOR', 'MIXED'].includes(textOf(dataset, '00089205') ?? ''))
    problems.push('Part of the image is meant in colour, by a supplemental palette; it is shown in grey.');
  if (stated !== 'PALETTE COLOR' || hasPalette) return stated;
  problems.push('The palette is missing; its indices are shown as grey.');
  return 'MONOCHROME2';
}

/** What comes out of the modality step, and goes into a VOI LUT (PS3.3 C.11.2.1.1). */
function modalityRange(
  { rescale, modalityLut }: Pick<ImageDescription, 'rescale' | 'modalityLut'>,
  stored: InputRange,
): InputRange {
  if (modalityLut) return [0, 2 ** modalityLut.bits - 1];
  if (!rescale) return stored;
  const [a, b] = stored.map((value) => value * rescale.slope + rescale.intercept) as [number, number];
  return [Math.min(a, b), Math.max(a, b)];
}

/** Presentation LUT Shape, which goes before the photometric interpretation; of MONOCHROME1 it is meant to be INVERSE, of MONOCHROME2
 * IDENTITY (PS3.3 C.8.11.3). */
function presentationShapeOf(
  dataset: DicomJson,
  photometric: string,
  problems: string[],
): 'IDENTITY' | 'INVERSE' | undefined {
  const shape = textOf(dataset, '20500020');
  if (shape !== 'IDENTITY' && shape !== 'INVERSE') return undefined;
  const [against, low] = shape === 'IDENTITY' ? ['MONOCHROME1', 'dark'] : ['MONOCHROME2', 'bright'];
  if (photometric === against)
    problems.push(
      `Presentation LUT Shape is ${shape}, which contradicts ${against}; low values are shown ${low}, as the shape says.`,
    );
  return shape;
}

/** XA, XRF, and the retired biplane XA. */
const PROJECTION_X_RAY = ['1', '2', '3'].map((last) => `1.2.840.10008.5.1.4.1.1.12.${last}`);

/** Of X-ray images in LOG or DISP the modality transform leads back to the beam's intensity and is not for display: windows
 * and VOI LUTs are meant for stored values (PS3.3 C.8.7.1.1.2). */
const isModalityForIntensity = (dataset: DicomJson): boolean =>
  PROJECTION_X_RAY.includes(textOf(dataset, '00080016') ?? '') &&
  ['LOG', 'DISP'].includes(textOf(dataset, '00281040') ?? '');

function modalityOf(
  dataset: DicomJson,
  macro: DicomJson | undefined,
  stored: InputRange,
  problems: string[],
): Pick<ImageDescription, 'rescale' | 'modalityLut'> {
  if (isModalityForIntensity(dataset)) return { modalityLut: undefined, rescale: undefined };
  const item = itemsOf(dataset, '00283000')[0];
  const modalityLut = item ? lutOf(item, stored, problems) : undefined;
  const from = macro ?? dataset;
  const slope = numberOf(from, '00281053');
  const intercept = numberOf(from, '00281052');
  if (modalityLut || (slope === undefined && intercept === undefined)) {
    if (from['00281053']?.Value?.length && slope === undefined)
      problems.push('The rescale slope is no number; values are shown as stored.');
    return { modalityLut, rescale: undefined };
  }
  if (slope === 0) {
    problems.push('The rescale slope is zero; values are shown as stored.');
    return { modalityLut, rescale: undefined };
  }
  return { modalityLut, rescale: { slope: slope ?? 1, intercept: intercept ?? 0, type: textOf(from, '00281054') } };
}

function voiOf(
  dataset: DicomJson,
  inputs: InputRange,
  problems: string[],
): Pick<ImageDescription, 'windows' | 'voiFunction' | 'voiLuts'> {
  const centers = numbersOf(dataset, '00281050') ?? [];
  const widths = numbersOf(dataset, '00281051') ?? [];
  const explanations = textsOf(dataset, '00281055');
  const windows: VoiWindow[] = [];
  const named = textOf(dataset, '00281056');
  const voiFunction: VoiFunction = named === 'LINEAR_EXACT' || named === 'SIGMOID' ? named : 'LINEAR';
  centers.forEach((center, index) => {
    const width = widths[index];
    // LINEAR allows widths from 1 on; below there is no window (PS3.3 C.11.2.1.2).
    if (width === undefined || width <= 0 || (voiFunction === 'LINEAR' && width < 1))
      problems.push('A window in the header has no valid width; it is not offered.');
    else windows.push({ center, width, explanation: explanations[index] ?? '' });
  });
  const voiLuts = itemsOf(dataset, '00283010')
    .map((item) => lutOf(item, inputs, problems))
    .filter((lut) => lut !== undefined);
  return { windows, voiFunction, voiLuts };
}

/** Padding value and range limit of each kind of pixel. */
const PADDING = {
  integer: ['00280120', '00280121'],
  float: ['00280122', '00280124'],
  double: ['00280123', '00280125'],
} as const;

function paddingOf(
  dataset: DicomJson,
  pixelKind: ImageDescription['pixelKind'],
  isSigned: boolean,
  bitsStored: number,
): readonly [number, number] | undefined {
  const asStored = (value: number): number => {
    // As precise as the pixels are: a decimal text of a web node need not be.
    if (pixelKind !== 'integer') return pixelKind === 'float' ? Math.fround(value) : value;
    if (!isSigned) return value < 0 ? value + 0x10000 : value;
    if (value > 0x7fff && value <= 0xffff) return value - 0x10000;
    // The word as it lies in the file, whose sign is its highest stored bit.
    return value >= 2 ** (bitsStored - 1) && value < 2 ** bitsStored ? value - 2 ** bitsStored : value;
  };
  const [valueTag, limitTag] = PADDING[pixelKind];
  const value = numberOf(dataset, valueTag);
  if (value === undefined) return undefined;
  const limit = numberOf(dataset, limitTag) ?? value;
  const ends = [asStored(value), asStored(limit)].sort((a, b) => a - b);
  return [ends[0] ?? 0, ends[1] ?? 0];
}

/** Time each frame stays, ms: vector, the rate meant for display, one time for all, or another rate (PS3.3 C.7.6.5). */
function frameTimesOf(dataset: DicomJson, problems: string[]): number[] | undefined {
  const vector = numbersOf(dataset, '00181065')?.slice(1) ?? [];
  if (vector.some((time) => time > 0) && vector.every((time) => time >= 0)) return vector;
  if (vector.length) problems.push('The Frame Time Vector holds no times that go forward; it is not used.');
  const perSecond = (rate: number | undefined): number | undefined => (rate && rate > 0 ? 1000 / rate : undefined);
  const time = numberOf(dataset, '00181063');
  const all =
    perSecond(numberOf(dataset, '00082144')) ??
    (time && time > 0 ? time : undefined) ??
    perSecond(numberOf(dataset, '00180040'));
  return all === undefined ? undefined : [all];
}

/** Start Trim and Stop Trim (PS3.3 C.7.6.5). */
function trimOf(dataset: DicomJson, frameCount: number, problems: string[]): readonly [number, number] | undefined {
  const [start, stop] = [numberOf(dataset, '00082142'), numberOf(dataset, '00082143')];
  if (start === undefined && stop === undefined) return undefined;
  const trim = [(start ?? 1) - 1, (stop ?? frameCount) - 1] as const;
  if (trim[0] >= 0 && trim[0] <= trim[1] && trim[1] < frameCount) return trim;
  const [first, last] = [trim[0] + 1, trim[1] + 1];
  problems.push(`A trim from frame ${first} to ${last} is impossible with ${frameCount} frames; all are played.`);
  return undefined;
}
