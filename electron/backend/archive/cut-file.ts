// Whether a file may end before its end: it may be on its way still. Runs in a worker, as all parsing does.
import fs from 'node:fs';
import { isCut, type RefusalCode, type RepairCode } from '#shared/dicom/model.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import { parse } from './prepare.ts';

/** What is also found in a file that is cut between two elements, and in some whole ones, which only wait longer. */
const MAY_BE_CUT: ReadonlySet<string> = new Set<RepairCode | RefusalCode>([
  'truncated',
  'missing-uid',
  'missing-attribute',
]);

/** Reads no more of it than its parser asks for, which leaves out most of the pixel data. Throws what the file system throws. */
export function mayBeCut(file: string): boolean {
  const fd = fs.openSync(rawPath(file), 'r');
  try {
    const read = (offset: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, fs.readSync(fd, bytes, 0, length, offset));
    };
    const parsed = parse({ size: fs.fstatSync(fd).size, read });
    if (!parsed.ok) return MAY_BE_CUT.has(parsed.error.code);
    const { repairs } = parsed.value;
    return isCut(repairs) || repairs.some(({ code }) => MAY_BE_CUT.has(code));
  } finally {
    fs.closeSync(fd);
  }
}
