// A decoded frame to RGBA as it is shown: grey by table or value by value, colour as sRGB, overlays, shutters.
import { toSrgb } from '../dicom/icc-profile.ts';
import type { ImageDescription } from '../dicom/image-description.ts';
import { colorToRgba, isColor, paletteToRgba } from './color.ts';
import type { DecodedFrame } from './frame.ts';
import { greyTable } from './grey-table.ts';
import {
  displayByte,
  displayOf,
  isPadding,
  modalityValue,
  storedValue,
  voiValue,
  type GreySettings,
  type Voi,
} from './grey-values.ts';
import { drawOverlays, drawShutters } from './overlays.ts';
import { windowOfRange } from './value-range.ts';

export interface RenderOptions {
  /** Table of `greyTable` for these settings, if the caller keeps one. */
  table?: Uint8Array | undefined;
  hasOverlays?: boolean;
}

/** Fills `out` (rows x columns x 4 bytes). Colour takes no window (PS3.3 C.11.2.1.2: VOI is for grey). */
export function renderFrame(
  frame: DecodedFrame,
  image: ImageDescription,
  settings: GreySettings,
  out: Uint8ClampedArray<ArrayBuffer>,
  options: RenderOptions = {},
): void {
  if (isColor(frame)) {
    if (frame.photometric === 'PALETTE COLOR') paletteToRgba(frame, image, out);
    else colorToRgba(frame, image, out);
    if (image.colorProfile) toSrgb(image.colorProfile, out);
    if (settings.isInverted) for (let at = 0; at < out.length; at++) if (at % 4 !== 3) out[at] = 255 - (out[at] ?? 0);
  } else renderGrey(frame, image, settings, out, options.table);
  if (options.hasOverlays !== false && image.overlays.length) drawOverlays(frame, image, out);
  drawShutters(image, out);
}

function renderGrey(
  frame: DecodedFrame,
  image: ImageDescription,
  settings: GreySettings,
  out: Uint8ClampedArray<ArrayBuffer>,
  given?: Uint8Array,
): void {
  const pixels = new Uint32Array(out.buffer, out.byteOffset, out.length >> 2);
  const table = given ?? greyTable(image, settings);
  const { words } = frame;
  if (table && !(words instanceof Float32Array || words instanceof Float64Array)) {
    // The table is by raw word; signed views hold the same bits.
    const mask = table.length - 1;
    for (let at = 0; at < pixels.length; at++)
      pixels[at] = 0xff000000 | ((table[(words[at] as number) & mask] as number) * 0x010101);
    return;
  }
  for (let at = 0; at < pixels.length; at++)
    pixels[at] = 0xff000000 | (greyAt(words[at] ?? 0, image, settings) * 0x010101);
}

function greyAt(word: number, image: ImageDescription, settings: GreySettings): number {
  if (image.pixelKind === 'integer') return displayOf(storedValue(word, image), image, settings);
  if (isPadding(word, image) || !Number.isFinite(word)) return 0;
  return displayByte(voiValue(modalityValue(word, image), settings.voi), image, settings.isInverted);
}

/** Value of one pixel (column and row from 0) in the modality's unit; undefined for colour. */
export function valueAt(frame: DecodedFrame, image: ImageDescription, column: number, row: number): number | undefined {
  if (isColor(frame) || column < 0 || row < 0 || column >= frame.columns || row >= frame.rows) return undefined;
  const word = frame.words[row * frame.columns + column] ?? 0;
  return modalityValue(image.pixelKind === 'integer' ? storedValue(word, image) : word, image);
}

/** What to show first: the header's first VOI LUT or window, else the frame's own range without padding. */
export function initialVoi(frame: DecodedFrame, image: ImageDescription): Voi {
  const [window] = image.windows;
  if (window) return { kind: 'window', center: window.center, width: window.width, function: image.voiFunction };
  const [lut] = image.voiLuts;
  if (lut) return { kind: 'lut', lut };
  return windowOfRange(frame, image);
}
