// A ZIP file's way into the archive: each member has its line, a medium in it is compared with its DICOMDIR.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ingest } from '#backend/archive/ingest.ts';
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import { JobStopped, type JobContext } from '#backend/jobs/job-context.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport } from '#shared/contract/views.ts';
import { sequence, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { importZip } from './import.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-import-zip-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const SLICE = Buffer.from('a slice');
const dicomdir = (...files: string[][]): Uint8Array =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.1.3.10'),
    '00041220': sequence(
      ...files.map((parts) => ({ '00041430': text('CS', 'IMAGE'), '00041500': text('CS', ...parts) })),
    ),
  });

async function zipped(...members: [string, Uint8Array][]): Promise<string> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, bytes] of members) await zip.add(name, new Uint8ArrayReader(bytes));
  const bytes = Buffer.from(await zip.close());
  const file = path.join(folder, 'cd.zip');
  fs.writeFileSync(file, bytes);
  return file;
}

/** Takes everything for an instance but a DICOMDIR. */
const ingest = {
  stream: () => {
    let size = 0;
    let isDicomdir = false;
    return {
      wantsMore: true,
      write: async (bytes: Uint8Array) => {
        size += bytes.length;
        isDicomdir ||= Buffer.from(bytes).subarray(128, 132).equals(Buffer.from('DICM'));
      },
      finish: async (): Promise<IngestOutcome> =>
        isDicomdir
          ? { outcome: 'not-dicom', code: 'dicomdir', reason: '', sizeBytes: size }
          : { outcome: 'stored', sizeBytes: size },
      abort: async () => undefined,
    };
  },
} as unknown as Ingest;

/** Each line is kept at once, as a job's are after a second. */
async function imported(file: string): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  const context = {
    checkpoint: async () => undefined,
    isDone: (name: string) => reports.some((report) => report.path === name),
  } as unknown as JobContext;
  await importZip(ingest, context, { path: file, label: 'cd.zip' }, (report) => reports.push(report));
  return reports;
}

test('members that an earlier run dealt with are counted as what became of them', async () => {
  const file = await zipped(['A', SLICE], ['B', SLICE]);
  const lines: string[] = [];
  const context = {
    checkpoint: async () => undefined,
    isDone: (name: string) => name === 'cd.zip!/A',
    skip: (name: string, bytes: number) => lines.push(`skipped ${name}: ${bytes} bytes`),
  } as unknown as JobContext;
  await importZip(ingest, context, { path: file, label: 'cd.zip' }, (report) => lines.push(report.path));
  expect(lines).toEqual([`skipped cd.zip!/A: ${SLICE.length} bytes`, 'cd.zip!/B']);
});

test.each(['stream', 'write', 'finish'] as const)(
  'a member that the disk has no room for (%s) is waited for and then taken whole',
  async (where) => {
    const file = await zipped(['A', SLICE], ['B', Buffer.alloc(300_000, 'slice')], ['C', SLICE]);
    const events: string[] = [];
    let calls = 0;
    const mayFail = (at: string): void => {
      if (at === where && ++calls === 2) throw new LecternError('disk-full', 'The disk is full.');
    };
    const full = {
      stream: () => {
        mayFail('stream');
        let sizeBytes = 0;
        return {
          wantsMore: true,
          write: async (bytes: Uint8Array) => {
            mayFail('write');
            sizeBytes += bytes.length;
          },
          finish: async (): Promise<IngestOutcome> => {
            mayFail('finish');
            events.push(`stored ${sizeBytes} bytes`);
            return { outcome: 'stored', sizeBytes };
          },
          abort: async () => undefined,
        };
      },
    } as unknown as Ingest;
    const context = {
      checkpoint: async () => undefined,
      isDone: () => false,
      hold: async ({ message }: LecternError) => void events.push(message),
    } as unknown as JobContext;
    await importZip(full, context, { path: file, label: 'cd.zip' }, ({ path: name }) => events.push(name));
    const [a, b, c] = ['A', 'B', 'C'].map((name) => `cd.zip!/${name}`);
    const [small, large] = [SLICE.length, 300_000].map((bytes) => `stored ${bytes} bytes`);
    expect(events).toEqual([small, a, 'The disk is full.', large, b, small, c]);
  },
);

/** Of 2 MB that do not pack, in some 30 pieces; takes them with `wantsMore` and `checkpoint`. */
async function takenOfOne(wantsMore: boolean, checkpoint: () => Promise<void>): Promise<Record<string, unknown>> {
  const file = await zipped(['A', randomBytes(2_000_000)]);
  const taken = { bytes: 0, isAborted: false, lines: [] as FileReport[], failure: undefined as unknown };
  const stream = {
    wantsMore,
    write: async (bytes: Uint8Array) => void (taken.bytes += bytes.length),
    finish: async () => ({ outcome: 'not-dicom' }) as IngestOutcome,
    abort: async () => void (taken.isAborted = true),
  };
  const context = { checkpoint, isDone: () => false } as unknown as JobContext;
  const report = (line: FileReport): void => void taken.lines.push(line);
  await importZip(
    { stream: () => stream } as unknown as Ingest,
    context,
    { path: file, label: 'cd.zip' },
    report,
  ).catch((error: unknown) => (taken.failure = error));
  return taken;
}

test('a job that is stopped in the middle of a member leaves it there, and keeps nothing of it', async () => {
  let calls = 0;
  const stopped = new JobStopped('cancelled');
  const taken = await takenOfOne(true, async () => {
    if (++calls === 5) throw stopped;
  });
  expect(taken).toMatchObject({ isAborted: true, lines: [], failure: stopped });
  expect(taken['bytes']).toBeLessThan(1_000_000);
});

test('a member whose beginning shows that it is no DICOM file is not unpacked to its end', async () => {
  const taken = await takenOfOne(false, async () => undefined);
  expect(taken).toMatchObject({
    isAborted: false,
    lines: [{ path: 'cd.zip!/A', outcome: 'not-dicom' }],
    failure: undefined,
  });
  expect(taken['bytes']).toBeLessThan(1_000_000);
});

test('members of the same name each have their line', async () => {
  const file = await zipped(['A', SLICE], ['B', SLICE], ['C', SLICE]);
  const bytes = fs.readFileSync(file);
  for (let at = 0; at < bytes.length - 46; at++) {
    const signature = bytes.readUInt32LE(at);
    const name = signature === 0x04034b50 ? at + 30 : signature === 0x02014b50 ? at + 46 : undefined;
    if (name !== undefined) bytes.write('A', name, 'latin1');
  }
  fs.writeFileSync(file, bytes);
  expect((await imported(file)).map((report) => report.path)).toEqual(['cd.zip!/A', 'cd.zip!/A (2)', 'cd.zip!/A (3)']);
});

test('an empty one has its line', async () => {
  expect(await imported(await zipped())).toEqual([
    { path: 'cd.zip', outcome: 'not-dicom', code: 'zip-empty', reason: 'This ZIP file has no files in it.' },
  ]);
});

describe('a DICOMDIR in a ZIP', () => {
  test.each(['', 'CD1/'])('below "%s": what it lists and what is there', async (below) => {
    const listed = dicomdir(['IMAGES', 'IM1'], ['IMAGES', 'IM2'], ['IMAGES', 'IM3'], ['..', 'X']);
    const file = await zipped(
      [`${below}DICOMDIR`, listed],
      [`${below}images/im1.;1`, SLICE],
      [`${below}IMAGES/IM3`, SLICE],
      [`${below}README`, SLICE],
    );
    const lines = (await imported(file)).filter((report) => report.outcome !== 'stored');
    expect(lines).toEqual([
      {
        path: `cd.zip!/${below}DICOMDIR`,
        outcome: 'not-dicom',
        code: 'dicomdir',
        reason:
          'DICOMDIR: lists 4 files, 2 present, 1 absent, 1 with an invalid file ID, 1 further files present but not listed.',
      },
      {
        path: path.join(`cd.zip!/${below}`, 'IMAGES', 'IM2'),
        outcome: 'refused',
        code: 'absent',
        reason: 'Listed in the DICOMDIR but not on the medium.',
      },
      {
        path: path.join(`cd.zip!/${below}`, 'DICOMDIR#..\\X'),
        outcome: 'refused',
        code: 'invalid-file-id',
        reason: 'The file ID would lead outside the medium; it was not followed.',
      },
    ]);
  });

  test('whose members have backslashes in their names, as old packers of Windows wrote them', async () => {
    const file = await zipped(
      ['CD1\\DICOMDIR', dicomdir(['IMAGES', 'IM1'], ['IMAGES', 'IM2'])],
      ['CD1\\IMAGES\\IM1', SLICE],
    );
    const lines = (await imported(file)).filter((report) => report.outcome !== 'stored');
    expect(lines.map(({ path: name, reason }) => [name, reason])).toEqual([
      ['cd.zip!/CD1\\DICOMDIR', 'DICOMDIR: lists 2 files, 1 present, 1 absent.'],
      [path.join('cd.zip!/CD1', 'IMAGES', 'IM2'), 'Listed in the DICOMDIR but not on the medium.'],
    ]);
  });
});
