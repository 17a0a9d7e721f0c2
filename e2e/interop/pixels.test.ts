// Every image file of the samples through our decoders and pipeline, against independent ones: stored values against
// GDCM's decompression, displayed values against DCMTK's dcm2pnm. One line per file.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeWasm } from '../../electron/backend/rendering/node-wasm.ts';
import { decodeFrame } from '../../shared/codecs/decode-frame.ts';
import { describeImage, type ImageDescription } from '../../shared/dicom/image-description.ts';
import { readInstance } from '../../shared/dicom/read-instance.ts';
import type { ParsedInstance } from '../../shared/dicom/model.ts';
import { isLossy } from '../../shared/dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '../../shared/pixels/frame.ts';
import { isPadding, storedValue, type Voi } from '../../shared/pixels/grey-values.ts';
import { initialVoi, renderFrame } from '../../shared/pixels/render-frame.ts';
import { hasSamples, SAMPLES } from '../support/lectern.ts';

const hasTool = (name: string): boolean => spawnSync('which', [name]).status === 0;
const canCompare = hasSamples && ['dcm2pnm', 'dcmj2pnm', 'gdcmconv'].every(hasTool);
const FOLDERS = [
  'ct_lidc-idri-0314',
  'ct_prior-current_sbu',
  'dx_cr',
  'geometry',
  'luts_overlays',
  'mg',
  'mr_jane-doe-02_prior-current',
  'mr_phantom_fragmented-jpll',
  'mr_prostatex-0207',
  'multiframe',
  'multiframe_enhanced_mr',
  'other_modalities',
  'petct_acrin-042',
  'pr_hp',
  'sc_color',
  'syntax_htj2k_jxl',
  'syntax_matrix_ct',
  'syntax_matrix_rgb',
  'syntax_small',
  'tg18_1k',
  'wg04',
];
/** Of long series of one kind, so many files: the middle ones. */
const MOST_OF_A_FOLDER = 8;

function* dicomFiles(folder: string): Generator<string> {
  const entries = fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(folder, entry.name));
  const isSeries = /lidc|jane|phantom|prostatex|petct/.test(folder);
  const from = isSeries ? Math.max(0, (files.length - MOST_OF_A_FOLDER) >> 1) : 0;
  yield* isSeries ? files.slice(from, from + MOST_OF_A_FOLDER) : files;
  for (const entry of entries) if (entry.isDirectory()) yield* dicomFiles(path.join(folder, entry.name));
}

const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-pixels-'));
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

function parse(file: string): { parsed: ParsedInstance; bytes: Buffer } | undefined {
  const bytes = fs.readFileSync(file);
  const source = {
    size: bytes.length,
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
  const result = readInstance(source, { inflate: (data, most) => inflateRawSync(data, { maxOutputLength: most }) });
  if (!result.ok || result.value.frames.kind === 'none') return undefined;
  result.value.dataset['00083002'] = { vr: 'UI', Value: [result.value.transferSyntaxUid] };
  return { parsed: result.value, bytes: wholeOf(bytes, result.value) };
}

/** Offsets of a deflated file count as if its data set were inflated. */
function wholeOf(bytes: Buffer, parsed: ParsedInstance): Buffer {
  if (parsed.transferSyntaxUid !== '1.2.840.10008.1.2.1.99') return bytes;
  return Buffer.concat([bytes.subarray(0, parsed.datasetOffset), inflateRawSync(bytes.subarray(parsed.datasetOffset))]);
}

function frameBytes({ frames }: ParsedInstance, bytes: Buffer): Uint8Array {
  if (frames.kind === 'encapsulated')
    return Buffer.concat((frames.frames[0] ?? []).map(({ offset, length }) => bytes.subarray(offset, offset + length)));
  if (frames.kind === 'none') return new Uint8Array();
  const length = Math.ceil(frames.frameBits / 8);
  const one = Buffer.from(bytes.subarray(frames.offset, frames.offset + length + (length % frames.bigEndianWordBytes)));
  if (frames.bigEndianWordBytes === 2) one.swap16();
  return one.subarray(0, length);
}

async function decode(
  file: string,
): Promise<{ frame: DecodedFrame; image: ImageDescription; syntax: string } | string | undefined> {
  const found = parse(file);
  const image = found && describeImage(found.parsed.dataset, 0);
  if (!found || !image) return undefined;
  const syntax = found.parsed.transferSyntaxUid;
  const decoded = await decodeFrame(frameBytes(found.parsed, found.bytes), syntax, image, nodeWasm);
  return decoded.ok ? { frame: decoded.value, image, syntax } : decoded.error.detail;
}

/** First frame as dcm2pnm shows it: header width, height, samples, bytes. */
function reference(
  file: string,
  image: ImageDescription,
  voi: Voi | undefined,
): { width: number; height: number; samples: number; bytes: Buffer } | undefined {
  const out = path.join(temporary, 'reference.pnm');
  const raw = path.join(temporary, 'raw.dcm');
  const window = image.windows.length
    ? ['+Wi', '1']
    : image.voiLuts.length
      ? ['+Wl', '1']
      : voi?.kind === 'window'
        ? // Without a window in the header the choice is ours; what it shows is compared. DCMTK knows LINEAR only, which
          // is LINEAR_EXACT of a width one smaller and a centre half a value lower (PS3.3 C.11.2.1.2.1).
          ['+Ww', String(voi.center + 0.5), String(voi.width + 1)]
        : ['+Wm'];
  for (const [tool, input] of [
    ['dcm2pnm', file],
    ['dcmj2pnm', file],
    ['dcml2pnm', file],
    ['dcm2pnm', raw],
  ] as const) {
    if (input === raw && spawnSync('gdcmconv', ['--raw', file, raw], { stdio: 'ignore' }).status !== 0)
      return undefined;
    fs.rmSync(out, { force: true });
    const done = spawnSync(
      tool,
      [
        '+F',
        '1',
        ...(image.samplesPerPixel === 1 && image.photometric !== 'PALETTE COLOR' ? window : []),
        '-O',
        input,
        out,
      ],
      { stdio: 'ignore' },
    );
    if (done.status === 0 && fs.existsSync(out)) return readPnm(fs.readFileSync(out));
  }
  return undefined;
}

/** The same by pydicom and numpy, for windows so narrow that DCMTK, which rounds modality values, cannot be the measure. */
function numpyReference(file: string, voi: Voi): ReturnType<typeof reference> {
  if (voi.kind !== 'window') return undefined;
  const out = path.join(temporary, 'reference.pnm');
  const script = `import sys, pydicom, numpy as np
d = pydicom.dcmread(sys.argv[1])
v = d.pixel_array * float(d.get('RescaleSlope', 1)) + float(d.get('RescaleIntercept', 0))
y = np.clip(np.rint((v - float(sys.argv[3])) / float(sys.argv[4]) * 255 + 127.5 - 1e-9), 0, 255)
open(sys.argv[2], 'wb').write(b'P5 %d %d 255\\n' % y.shape[::-1] + y.astype(np.uint8).tobytes())`;
  const args = ['-c', script, file, out, String(voi.center), String(voi.width)];
  return spawnSync('/usr/bin/python3', args, { stdio: 'ignore' }).status === 0
    ? readPnm(fs.readFileSync(out))
    : undefined;
}
const NARROW = 16;
const RLE = '1.2.840.10008.1.2.5';
const PYDICOM_RAW = 'import sys, pydicom; d = pydicom.dcmread(sys.argv[1]); d.decompress(); d.save_as(sys.argv[2])';

function readPnm(bytes: Buffer): { width: number; height: number; samples: number; bytes: Buffer } | undefined {
  const head = /^P([56])\s(?:#[^\n]*\n)*\s*(\d+)\s+(\d+)\s+(\d+)\s/.exec(bytes.subarray(0, 256).toString('latin1'));
  if (!head) return undefined;
  return {
    width: Number(head[2]),
    height: Number(head[3]),
    samples: head[1] === '6' ? 3 : 1,
    bytes: bytes.subarray(head[0].length),
  };
}

interface Difference {
  most: number;
  beyondOne: number;
}

/** Padding is black here, while DCMTK shows its value: those pixels are left out. */
function compare(
  rgba: Uint8ClampedArray,
  expected: { samples: number; bytes: Buffer },
  isPadded: (pixel: number) => boolean,
): Difference {
  let most = 0;
  let beyondOne = 0;
  for (let pixel = 0; pixel * 4 < rgba.length; pixel++) {
    if (isPadded(pixel)) continue;
    for (let sample = 0; sample < expected.samples; sample++) {
      const difference = Math.abs(rgba[pixel * 4 + sample]! - expected.bytes[pixel * expected.samples + sample]!);
      if (difference > most) most = difference;
      if (difference > 1) beyondOne++;
    }
  }
  return { most, beyondOne };
}

const files = canCompare ? FOLDERS.flatMap((folder) => [...dicomFiles(path.join(SAMPLES, folder))]) : [];

describe('pixels of the samples', () => {
  test.skipIf(!canCompare)('samples, DCMTK and GDCM are present', () => expect(files.length).toBeGreaterThan(0));

  test.for(files.map((file) => [path.relative(SAMPLES, file), file] as const))('%s', async ([, file], context) => {
    const ours = await decode(file);
    if (typeof ours === 'string') throw new Error(ours);
    const voi = ours && initialVoi(ours.frame, ours.image);
    const isNarrow = voi?.kind === 'window' && voi.width < NARROW && !Number.isInteger(ours?.image.rescale?.slope ?? 1);
    const expected = ours && (isNarrow ? numpyReference(file, voi) : reference(file, ours.image, voi));
    if (!ours || !expected) {
      context.skip(ours ? 'neither DCMTK nor GDCM can decode it' : 'it has no image');
      return;
    }
    const { frame, image, syntax } = ours;
    expect([expected.width, expected.height]).toEqual([image.columns, image.rows]);
    const rgba = new Uint8ClampedArray(image.rows * image.columns * 4);
    renderFrame(frame, image, { voi: initialVoi(frame, image), isInverted: false }, rgba, { hasOverlays: false });
    const { most, beyondOne } = compare(
      rgba,
      expected,
      (pixel) => image.samplesPerPixel === 1 && isPadding(storedValue(frame.words[pixel] ?? 0, image), image),
    );
    // Lossy colour decoders round differently; anything else is equal within one level.
    const allowed = isLossy(syntax) && image.samplesPerPixel === 3 ? 6 : 1;
    expect(most <= allowed ? 0 : beyondOne, `largest difference ${most}`).toBe(0);
  });

  const lossless = files.filter((file) => {
    const found = parse(file);
    return found?.parsed.frames.kind === 'encapsulated' && !isLossy(found.parsed.transferSyntaxUid);
  });
  test.for(lossless.map((file) => [path.relative(SAMPLES, file), file] as const))(
    'stored values of %s',
    async ([, file], context) => {
      const ours = await decode(file);
      const raw = path.join(temporary, 'stored.dcm');
      // GDCM 3.0 mixes up the bytes of RLE colour deeper than 8 bits; pydicom reads RLE by itself.
      const [tool, ...args] =
        typeof ours === 'object' && ours.syntax === RLE
          ? ['/usr/bin/python3', '-c', PYDICOM_RAW, file, raw]
          : ['gdcmconv', '--raw', file, raw];
      const isRaw = spawnSync(tool ?? '', args, { stdio: 'ignore' }).status === 0;
      const theirs = isRaw ? await decode(raw) : undefined;
      if (typeof ours !== 'object' || typeof theirs !== 'object') {
        context.skip('GDCM cannot decode it');
        return;
      }
      const mask = 2 ** ours.image.bitsStored - 1;
      const pixels = ours.frame.rows * ours.frame.columns;
      const samples = ours.frame.samplesPerPixel;
      const sampleAt = ({ words, isPlanar }: DecodedFrame, pixel: number, sample: number): number =>
        (words[isPlanar ? sample * pixels + pixel : pixel * samples + sample] ?? Number.NaN) & mask;
      let different = 0;
      for (let pixel = 0; pixel < pixels; pixel++)
        for (let sample = 0; sample < samples; sample++)
          if (sampleAt(ours.frame, pixel, sample) !== sampleAt(theirs.frame, pixel, sample)) different++;
      expect(different).toBe(0);
    },
  );
});
