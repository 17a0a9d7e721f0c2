// Whether a file may end before its end: it may be on its way still. A whole one that looks so only waits longer. Runs in a worker, as
// all parsing does.
import fs from 'node:fs';
import { mayBeCut, type RefusalCode } from '#shared/dicom/model.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import { parse } from './read-for-index.ts';

/** What a file that is cut near its beginning is refused for. */
const CUT_REFUSALS: ReadonlySet<string> = new Set<RefusalCode>(['truncated', 'missing-uid']);

/** Reads no more of it than its parser asks for, which leaves out most of the pixel data. Throws what the file system throws. */
export function fileMayBeCut(file: string): boolean {
  const fd = fs.openSync(rawPath(file), 'r');
  try {
    const read = (offset: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, fs.readSync(fd, bytes, 0, length, offset));
    };
    const parsed = parse({ size: fs.fstatSync(fd).size, read });
    return parsed.ok ? mayBeCut(parsed.value.repairs) : CUT_REFUSALS.has(parsed.error.code);
  } finally {
    fs.closeSync(fd);
  }
}
