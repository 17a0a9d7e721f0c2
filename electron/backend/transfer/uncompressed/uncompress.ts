// A stored instance without its compression, for systems that do not take it as it is: frames decoded, the attributes that describe
// them set to what they are now, everything else as it was. What was lossy before stays marked as lossy.
import { decodeFrame } from '#shared/codecs/decode-frame.ts';
import { lossyMethodOf } from '#shared/codecs/lossy-process.ts';
import type { WasmHost } from '#shared/codecs/wasm-codec.ts';
import { inflate, MAX_INFLATED_BYTES } from '#backend/archive/inflate.ts';
import { memorySource } from '#backend/archive/read-for-index.ts';
import { err, ok, type Result } from '#shared/base/result.ts';
import { describeImage, type ImageDescription } from '#shared/dicom/image-description.ts';
import { textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson, Fragment, ParsedInstance, TagKey } from '#shared/dicom/model.ts';
import { LARGE, ReadBudget } from '#shared/dicom/read-budget.ts';
import { rawDeflated, readInstance } from '#shared/dicom/read-instance.ts';
import { transcodeDataset, type NativePixels } from '#shared/dicom/transcode-dataset.ts';
import {
  hasLost,
  isDeflated,
  EXPLICIT_BIG,
  EXPLICIT_LITTLE,
  IMPLICIT_LITTLE,
  transferSyntaxName,
} from '#shared/dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';

export interface Uncompressed {
  /** The data set, in pieces. */
  pieces: Uint8Array[];
  /** What became of it, a clause each. */
  changes: string[];
}

/** Decoded pixels are held in memory. */
const MAX_PIXEL_BYTES = 1.5 * 2 ** 30;

const latin = (text: string): Uint8Array => Buffer.from(text.length % 2 ? `${text} ` : text, 'latin1');

/**
 * `file` is a whole stored file, `targetUid` Explicit or Implicit VR Little Endian. The error is half a sentence; nothing that is
 * damaged, cut or not understood is passed on as if it were whole.
 */
export async function uncompress(
  file: Uint8Array,
  targetUid: string,
  host: WasmHost,
): Promise<Result<Uncompressed, string>> {
  const parsed = readInstance(memorySource(file), { inflate, budget: new ReadBudget(LARGE) });
  if (!parsed.ok) return err(parsed.error.detail);
  const { transferSyntaxUid, frames, datasetOffset, repairs } = parsed.value;
  const broken = repairs.find(({ code }) => code === 'truncated-pixels' || code === 'frame-count-guessed');
  if (broken && frames.kind === 'encapsulated') return err(`its pixel data is damaged: ${broken.detail}`);
  const stored = file.subarray(datasetOffset);
  const bytes = isDeflated(transferSyntaxUid) ? inflate(rawDeflated(stored), MAX_INFLATED_BYTES) : stored;
  const pixels =
    frames.kind === 'encapsulated' ? await nativePixels(file, parsed.value, frames.frames, host) : ok(undefined);
  if (!pixels.ok) return pixels;
  const done = transcodeDataset(
    bytes,
    { isExplicit: transferSyntaxUid !== IMPLICIT_LITTLE, isBigEndian: transferSyntaxUid === EXPLICIT_BIG },
    targetUid === EXPLICIT_LITTLE,
    pixels.value?.native,
  );
  if (!done.ok) return done;
  const changes = [
    `${transferSyntaxName(targetUid)} instead of ${transferSyntaxName(transferSyntaxUid)}`,
    ...(pixels.value?.changes ?? []),
    ...(done.value.hasPadded ? ['values of odd length were padded'] : []),
  ];
  return ok({ pieces: done.value.pieces, changes });
}

async function nativePixels(
  file: Uint8Array,
  { dataset, transferSyntaxUid }: ParsedInstance,
  frames: readonly Fragment[][],
  host: WasmHost,
): Promise<Result<{ native: NativePixels; changes: string[] }, string>> {
  const image = describeImage(dataset, 0);
  if (!image) return err('it has pixel data but no size of a picture');
  const { rows, columns, samplesPerPixel, bitsAllocated, frameCount } = image;
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32)
    return err(`${bitsAllocated} bits allocated cannot be decoded`);
  if (frames.length !== frameCount) return err(`it has ${frames.length} of ${frameCount} frames`);
  const frameBytes = (rows * columns * samplesPerPixel * bitsAllocated) / 8;
  if (frameBytes * frameCount > MAX_PIXEL_BYTES)
    return err(`decoded it would take ${Math.round((frameBytes * frameCount) / 1e6)} MB of memory`);
  const bytes: Uint8Array[] = [];
  let first: DecodedFrame | undefined;
  let method: string | undefined;
  for (const [index, fragments] of frames.entries()) {
    const coded = fragments.map(({ offset, length }) => file.subarray(offset, offset + length));
    const codestream = Buffer.concat(coded);
    method ??= lossyMethodOf(transferSyntaxUid, codestream);
    const decoded = await decodeFrame(codestream, transferSyntaxUid, image, host);
    if (!decoded.ok) return err(`frame ${index + 1} cannot be decoded: ${decoded.error.detail}`);
    const words = wordsFor(decoded.value, image);
    if (words?.byteLength !== frameBytes) return err(`frame ${index + 1} is decoded to another size than stated`);
    first ??= decoded.value;
    if (decoded.value.photometric !== first.photometric || decoded.value.isPlanar !== first.isPlanar)
      return err('its frames are decoded to different kinds of colour');
    bytes.push(words);
  }
  if (!first) return err('it has no frames');
  const coded = frames.flat().reduce((sum, { length }) => sum + length, 0);
  return ok(
    described(dataset, image, first, { bytes, transferSyntaxUid, method, ratio: (frameBytes * frameCount) / coded }),
  );
}

/** Little endian bytes of the words, widened to the bits allocated; undefined where that would be a guess. */
function wordsFor({ words }: DecodedFrame, { bitsAllocated, isSigned }: ImageDescription): Uint8Array | undefined {
  const bits = words.BYTES_PER_ELEMENT * 8;
  const wide = bits === 8 && bitsAllocated === 16 && !isSigned ? Uint16Array.from(words) : words;
  if (wide.BYTES_PER_ELEMENT * 8 !== bitsAllocated) return undefined;
  return new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength);
}

interface Decoded {
  bytes: Uint8Array[];
  transferSyntaxUid: string;
  /** Of the compression that lost something; undefined where none is known to have. */
  method: string | undefined;
  ratio: number;
}

function described(
  dataset: DicomJson,
  image: ImageDescription,
  frame: DecodedFrame,
  { bytes, transferSyntaxUid, method, ratio }: Decoded,
): { native: NativePixels; changes: string[] } {
  const changed = new Map<TagKey, { vr: string; value: Uint8Array }>();
  const changes: string[] = [];
  // Full size samples are never subsampled (PS3.3 C.7.6.3.1.2).
  const photometric = frame.photometric === 'YBR_FULL_422' ? 'YBR_FULL' : frame.photometric;
  if (photometric !== image.photometric) {
    changed.set('00280004', { vr: 'CS', value: latin(photometric) });
    changes.push(`Photometric Interpretation ${photometric} instead of ${image.photometric}`);
  }
  if (image.samplesPerPixel > 1) {
    changed.set('00280006', { vr: 'US', value: Uint8Array.of(frame.isPlanar ? 1 : 0, 0) });
    if (frame.isPlanar !== image.isPlanar) changes.push(`Planar Configuration ${frame.isPlanar ? 1 : 0}`);
  }
  if (method !== undefined) {
    // Once it is decoded, nothing else tells any more.
    if (textOf(dataset, '00282110') !== '01') {
      changed.set('00282110', { vr: 'CS', value: latin('01') });
      changes.push('Lossy Image Compression 01, which was not stated');
    }
    if (!textOf(dataset, '00282112')) changed.set('00282112', { vr: 'DS', value: latin(ratio.toFixed(2)) });
    if (!textOf(dataset, '00282114')) changed.set('00282114', { vr: 'CS', value: latin(method) });
  } else if (hasLost(transferSyntaxUid) === undefined && !textOf(dataset, '00282110'))
    changes.push('its compression may have lost something, which nothing in it tells');
  return { native: { bytes, changed, bitsAllocated: image.bitsAllocated }, changes };
}
