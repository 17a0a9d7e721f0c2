// The range of a frame's own values, in the modality's unit: for a first window where the header gives none, and for windows
// that follow the picture.
import type { ImageDescription } from '../dicom/image-description.ts';
import type { DecodedFrame } from './frame.ts';
import { isPadding, modalityValue, storedValue, type Voi } from './grey-values.ts';

/** At most so many pixels are sorted; larger frames are read at even distances. */
const MOST_SORTED = 200_000;

/** Least and greatest value without padding, after leaving out `trim` (a fraction) of the pixels at each end. */
export function valueRange(frame: DecodedFrame, image: ImageDescription, trim = 0): [number, number] {
  const step = trim > 0 ? Math.max(1, Math.ceil(frame.words.length / MOST_SORTED)) : 1;
  const kept = trim > 0 ? new Float64Array(Math.ceil(frame.words.length / step)) : undefined;
  let count = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < frame.words.length; at += step) {
    const word = frame.words[at] ?? 0;
    const stored = image.pixelKind === 'integer' ? storedValue(word, image) : word;
    if (isPadding(stored, image) || !Number.isFinite(stored)) continue;
    const value = modalityValue(stored, image);
    if (kept) kept[count] = value;
    count++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (kept && count > 2) {
    const sorted = kept.subarray(0, count).sort();
    [min, max] = [sorted[Math.floor(count * trim)] ?? min, sorted[Math.ceil(count * (1 - trim)) - 1] ?? max];
  }
  const least = Number.isFinite(min) ? min : 0;
  return [least, max > least ? max : least + 1];
}

/** A window over that range; LINEAR_EXACT: its ends are shown as they are. */
export function windowOfRange(frame: DecodedFrame, image: ImageDescription, trim = 0): Voi {
  const [min, max] = valueRange(frame, image, trim);
  return { kind: 'window', center: (min + max) / 2, width: max - min, function: 'LINEAR_EXACT' };
}
