// The header reader beside pydicom, file by file over the real samples: tags, VRs, values and frames' bytes. Where the two
// may differ is stated in `isSame`; a file that either of them refuses is judged by the reader's own tests.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readInstance } from '../../shared/dicom/read-instance.ts';
import type { DicomJson, DicomJsonElement, JsonValue, ParsedInstance } from '../../shared/dicom/model.ts';
import { hasSamples, SAMPLES } from '../support/lectern.ts';

const PYTHON = '/usr/bin/python3';
const canCompare = hasSamples && spawnSync(PYTHON, ['-c', 'import pydicom']).status === 0;
const FOLDERS = [
  'charset',
  'geometry',
  'luts_overlays',
  'multiframe',
  'multiframe_enhanced_mr',
  'odd',
  'other_modalities',
  'palettes',
  'paramap',
  'pr_hp',
  'rt',
  'sc_color',
  'seg',
  'sr',
  'syntax_small',
  'waveform',
  'wg04',
];

/** Cut in the middle of an element, compressed as a whole, made of elements of group 0001 only, shifted by a stray first
 * byte: refused here, and pydicom gives one unknown element or an error. */
const REFUSED = ['rtplan_truncated.dcm', 'zipMR.gz', 'meta_missing_tsyntax.dcm', 'no_meta.dcm'];

/** All files in one process: a line of JSON each, with the data set and the SHA-256 of each encapsulated frame. */
const SCRIPT = `
import sys, json, hashlib, warnings, logging
warnings.simplefilter('ignore'); logging.disable(logging.CRITICAL)
import pydicom
from pydicom.encaps import generate_pixel_data_frame
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
for line in sys.stdin:
    name = line.rstrip('\\n')
    try:
        ds = pydicom.dcmread(name, force=True)
        frames = []
        if 'PixelData' in ds and ds['PixelData'].is_undefined_length:
            n = int(ds.get('NumberOfFrames', 1) or 1)
            frames = [hashlib.sha256(f).hexdigest() for f in generate_pixel_data_frame(ds.PixelData, n)]
        said = ds.to_json_dict(bulk_data_threshold=1025, bulk_data_element_handler=lambda e: 'bulk', suppress_invalid_tags=True)
        print(json.dumps({'dataset': said, 'frames': frames}))
    except Exception as e:
        print(json.dumps({'error': type(e).__name__}))
`;

interface Said {
  dataset?: DicomJson;
  frames?: string[];
  error?: string;
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(at);
    else yield at;
  }
}
const files = canCompare ? FOLDERS.flatMap((folder) => [...filesBelow(path.join(SAMPLES, folder))].sort()) : [];

function askPydicom(): Map<string, Said> {
  const ran = spawnSync(PYTHON, ['-c', SCRIPT], { input: `${files.join('\n')}\n`, maxBuffer: 2 ** 30 });
  const lines = ran.stdout.toString().trim().split('\n');
  return new Map(files.map((file, index) => [file, JSON.parse(lines[index] ?? '{"error":"none"}') as Said]));
}
const said = files.length ? askPydicom() : new Map<string, Said>();

function parse(file: string): { parsed: ParsedInstance; bytes: Buffer } | undefined {
  const bytes = fs.readFileSync(file);
  const source = { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) };
  const inflate = (deflated: Uint8Array, most: number): Uint8Array =>
    inflateRawSync(deflated, { maxOutputLength: most });
  const result = readInstance(source, { inflate });
  // Objects that belong to no study (palettes, fragments of others) are read as a DICOMDIR is, for their values.
  const told = result.ok ? result : readInstance(source, { inflate, acceptDicomdir: true });
  return told.ok ? { parsed: told.value, bytes } : undefined;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  // A name of carets alone too.
  (typeof value === 'string' && /^\^*$/.test(value)) ||
  (Array.isArray(value) && value.every(isEmpty)) ||
  (typeof value === 'object' && Object.values(value).every(isEmpty));

function isSameValue(mine: JsonValue | undefined, theirs: JsonValue | undefined): boolean {
  // Absent, null, '' and {} all say: no value.
  if (isEmpty(mine) && isEmpty(theirs)) return true;
  // Numbers in text: the same number is the same value, with the precision of single floats.
  if (typeof mine === 'number' || typeof theirs === 'number') {
    const [a, b] = [Number(mine), Number(theirs)];
    return a === b || Math.abs(a - b) <= 1e-6 * Math.abs(a);
  }
  if (typeof mine === 'object' && typeof theirs === 'object') {
    const [a, b] = [mine as Record<string, JsonValue>, theirs as Record<string, JsonValue>];
    if (a && ('Alphabetic' in a || 'Ideographic' in a || 'Phonetic' in a))
      return ['Alphabetic', 'Ideographic', 'Phonetic'].every((group) => sameText(a[group], b?.[group]));
    return differences(mine as DicomJson, theirs as DicomJson).length === 0;
  }
  return sameText(mine, theirs);
}
/** Padding, carets at the end of a name, and what could not be decoded do not count. */
function sameText(mine: unknown, theirs: unknown): boolean {
  const plain = (text: unknown): string =>
    String(text ?? '')
      .replace(/[\0 ^]+$/, '')
      .replace(/^ +/, '');
  return plain(mine) === plain(theirs);
}

function isSame(mine: DicomJsonElement | undefined, theirs: DicomJsonElement | undefined): boolean {
  if (!mine || !theirs)
    return isEmpty(mine?.Value) && isEmpty(theirs?.Value) && !mine?.InlineBinary && !theirs?.InlineBinary;
  // The reader knows more elements that were sent as UN, or has no private dictionary: then the VR decides nothing.
  if (mine.vr !== theirs.vr && ![mine.vr, theirs.vr].includes('UN') && !isWordVr(mine.vr, theirs.vr)) return false;
  if (mine.vr !== theirs.vr) return true;
  if (mine.BulkDataURI !== undefined || theirs.BulkDataURI !== undefined) return true;
  if (mine.InlineBinary !== undefined || theirs.InlineBinary !== undefined)
    return Buffer.from(mine.InlineBinary ?? '', 'base64').equals(Buffer.from(theirs.InlineBinary ?? '', 'base64'));
  const [a, b] = [mine.Value ?? [], theirs.Value ?? []];
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => isSameValue(a[i], b[i])).every(Boolean);
}
/** Either VR that the dictionary allows (US or SS, OB or OW): the header decides for one of them. */
const isWordVr = (...vrs: string[]): boolean => vrs.every((vr) => /^(US|SS|OW|OB)$/.test(vr));

function differences(mine: DicomJson, theirs: DicomJson): string[] {
  const tags = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  return [...tags]
    .filter((tag) => !tag.startsWith('0002') && !tag.endsWith('0000') && tag !== '7FE00010')
    .filter((tag) => !isSame(mine[tag], theirs[tag]))
    .map((tag) => `${tag} ${JSON.stringify(mine[tag])?.slice(0, 120)} / ${JSON.stringify(theirs[tag])?.slice(0, 120)}`);
}

describe.skipIf(!canCompare)('the reader and pydicom', () => {
  test('pydicom reads nearly all of the samples', () => {
    expect(files.length).toBeGreaterThan(100);
    expect([...said.values()].filter(({ dataset }) => dataset).length).toBeGreaterThan(files.length * 0.9);
  });

  test.each(files.map((file) => [path.relative(SAMPLES, file), file]))('%s', (_name, file) => {
    const [mine, theirs] = [parse(file), said.get(file)];
    if (!mine || !theirs?.dataset) {
      expect(REFUSED).toContain(path.basename(file));
      return;
    }
    // What the reader derived or repaired is marked so, and differs by intent.
    const mended = new Set(mine.parsed.repairs.map(({ tag }) => tag));
    const found = differences(mine.parsed.dataset, theirs.dataset).filter((line) => !mended.has(line.slice(0, 8)));
    expect(found).toEqual([]);
    const { frames } = mine.parsed;
    if (frames.kind !== 'encapsulated' || !theirs.frames?.length || mine.parsed.repairs.length) return;
    const digests = frames.frames.map((parts) => {
      const hash = createHash('sha256');
      for (const { offset, length } of parts) hash.update(mine.bytes.subarray(offset, offset + length));
      return hash.digest('hex');
    });
    expect(digests).toEqual(theirs.frames);
  });
});
