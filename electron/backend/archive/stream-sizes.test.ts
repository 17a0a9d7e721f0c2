// Streams of every size that matters: around chunks, blocks of the disk, and what is held in memory.
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { binary, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { Archive } from './archive.ts';
import { CHUNK_BYTES } from './sealed-format.ts';
import { MOST_HELD_BYTES } from './sealed-writer.ts';

const key = (): Buffer => randomBytes(32);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-sizes-'));
const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
const archive = new Archive(folder, keys);
afterAll(async () => {
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

const withBytes = (sop: string, bytes: number): Uint8Array =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.104.1'),
    '00080018': text('UI', sop),
    '0020000D': text('UI', '1.2.3'),
    '0020000E': text('UI', '1.2.3.4'),
    '00420011': binary('OB', new Uint8Array(bytes).fill(7)),
    '00420012': text('LO', 'application/pdf'),
  });
const HEADER = withBytes('1.2.3.4.1000', 0).length;

/** Of whole files; all lengths are even (PS3.5 7.1.1). */
const SIZES = [
  HEADER + 2,
  ...[4096, CHUNK_BYTES, 3 * CHUNK_BYTES, MOST_HELD_BYTES, MOST_HELD_BYTES + CHUNK_BYTES, 40 * CHUNK_BYTES].flatMap(
    (border) => [border - 2, border, border + 2],
  ),
  // 1024 x 1024 pixels of 16 bits.
  HEADER + 2 * 1024 * 1024,
];

test('whatever its size, a stream is stored whole, and leaves nothing in between', async () => {
  const files = SIZES.map((size, at) => {
    const bytes = withBytes(`1.2.3.4.${1000 + at}`, size - HEADER);
    expect(bytes.length).toBe(size);
    return bytes;
  });
  const outcomes = await Promise.all(
    files.map(async (bytes) => {
      const stream = archive.ingest.stream({ path: 'from SOMEBODY' });
      for (let at = 0; at < bytes.length; at += 100_000) await stream.write(bytes.subarray(at, at + 100_000));
      return stream.finish();
    }),
  );
  expect(outcomes.map(({ outcome, reason }) => reason ?? outcome)).toEqual(SIZES.map(() => 'stored'));
  for (const [at, bytes] of files.entries()) {
    const location = archive.index.locate(`1.2.3.4.${1000 + at}`)!;
    const stored = await archive.readRange(location, 0, bytes.length + 1);
    const digest = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex');
    expect(digest(stored), `${bytes.length} bytes`).toBe(digest(bytes));
  }
  expect(fs.readdirSync(path.join(folder, 'tmp'))).toEqual([]);
});
