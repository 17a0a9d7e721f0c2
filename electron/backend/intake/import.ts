// The import use case: folders, discs with a DICOMDIR, ZIP files and single files into the archive, one report per file.
// Sources are only read. Runs as a job, so it pauses, resumes, stops and survives a restart.
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport } from '#shared/contract/views.ts';
import type { Archive } from '#backend/archive/archive.ts';
import { outcomeOfUnread, type IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import { TakenIn, type Taking } from '#backend/archive/taken-in.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import { readFully } from '#backend/base/read-fully.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';
import { CONTAINER_HEAD_BYTES, containerRefusal } from './containers.ts';
import { reportFileSet } from './file-set.ts';
import { filesOf, withListed } from './listed-paths.ts';
import { walk, type FoundFile } from './walk.ts';
import { compareZip, dicomdirOf, type ListedZip, type NamedZip } from './zip-file-set.ts';
import { beginsAsZip, isSelfExtractingZip, isZip, ZipDefect, zipMembers, type ZipMember } from './zip-members.ts';
import { readDicomdir } from './read-dicomdir.ts';

export interface ImportInput {
  paths: string[];
}

/** Files on their way at once: enough that flushes overlap, few enough that memory stays small. */
const AT_ONCE = 24;

type Report = (report: FileReport, bytes: number) => void;

/** Runs one import. `password` opens encrypted ZIP members and is not kept anywhere. */
export async function runImport(
  archive: Pick<Archive, 'ingest' | 'onRemoval' | 'dataDir'>,
  context: JobContext,
  input: ImportInput,
  password?: string,
): Promise<void> {
  const taken = new TakenIn(archive);
  try {
    await takeAll(taken, archive.dataDir, context, input, password);
  } finally {
    const removed = taken.close();
    if (removed !== undefined) context.note(removed);
  }
}

async function takeAll(
  ingest: Taking,
  dataDir: string,
  context: JobContext,
  input: ImportInput,
  password?: string,
): Promise<void> {
  const { paths, alone } = await withListed(input.paths, dataDir);
  const counting = context.wantsTotals ? count(paths, dataDir, context) : Promise.resolve();
  const { report, uidAt } = withUids((item, bytes) => context.item(item, bytes));
  const lanes = new Lanes(AT_ONCE);
  const dicomdirs = new Set<string>();
  try {
    for await (const found of walk(paths, dataDir)) {
      await context.checkpoint();
      if ('isOwn' in found) {
        report({ path: found.path, outcome: 'not-dicom', reason: found.reason }, 0);
        continue;
      }
      if ('reason' in found) {
        report({ path: found.path, outcome: 'refused', code: 'unreadable', reason: found.reason }, 0);
        continue;
      }
      if (context.isDone(found.path)) {
        context.skip(found.path, found.sizeBytes);
        continue;
      }
      await lanes.run(async () => {
        if (await importOne(ingest, context, found, report, password)) dicomdirs.add(found.path);
      });
    }
  } finally {
    // Also when it stops half-way: what is under way gets its end, and its line in the report.
    await lanes.settled();
  }
  lanes.check();
  for (const file of dicomdirs) await compareFolder(file, alone.has(file), dataDir, uidAt, report);
  await counting;
}

/** Remembers which instance each reported file is: what went before a restart is not known any more. */
function withUids(tell: Report): { report: Report; uidAt(file: string): string | undefined } {
  const uids = new Map<string, string>();
  return {
    report: (item, bytes) => {
      if (item.sopInstanceUid !== undefined) uids.set(item.path, item.sopInstanceUid);
      tell(item, bytes);
    },
    uidAt: (file) => uids.get(file),
  };
}

/** Totals for the progress, counted beside the work. */
async function count(paths: readonly string[], dataDir: string, context: JobContext): Promise<void> {
  let items = 0;
  let bytes = 0;
  for await (const found of walk(paths, dataDir)) {
    if (context.signal.aborted) return;
    items++;
    if ('sizeBytes' in found) bytes += found.sizeBytes;
  }
  context.setTotals({ items, bytes });
}

/** Takes in one file; true when it is a DICOMDIR, which is looked at once the files beside it are in. */
async function importOne(
  ingest: Taking,
  context: JobContext,
  found: FoundFile,
  report: Report,
  password?: string,
): Promise<boolean> {
  const outcome = await holding(context, () => ingest.file(found, context.signal));
  if (outcome.code === 'dicomdir') return true;
  const zip: NamedZip = { path: found.path, label: found.path };
  const other =
    outcome.outcome === 'not-dicom' ? await otherKindOf(found.path, outcome) : reportOf(found.path, outcome);
  if (other === 'zip') await importZip(ingest, context, zip, report, password);
  else if (other === 'program') await importProgram(ingest, context, zip, report, password);
  else report(other, found.sizeBytes);
  return false;
}

/** What a file is that is no DICOM file, or its line in the report: it may be gone by now, or lie where a disc cannot be read. */
async function otherKindOf(file: string, outcome: IngestOutcome): Promise<'zip' | 'program' | FileReport> {
  try {
    // No more than is needed: behind a spot that cannot be read the members of a ZIP file are whole.
    if (isZip(file, await beginningOf(file, 4))) return 'zip';
    if (await isSelfExtractingZip(file)) return 'program';
    const refusal = containerRefusal(await beginningOf(file, CONTAINER_HEAD_BYTES));
    return refusal ? { path: file, outcome: 'refused', ...refusal } : reportOf(file, outcome);
  } catch (error) {
    return reportOf(file, outcomeOfUnread(error));
  }
}

async function beginningOf(file: string, length: number): Promise<Uint8Array> {
  const handle = await fs.promises.open(rawPath(file), 'r');
  try {
    return await readFully(handle, Buffer.alloc(length), 0);
  } finally {
    await handle.close();
  }
}

/** A program that unpacks itself: a study that was sent as one, or a viewer beside it, whose own files are counted and not listed. */
export async function importProgram(
  ingest: Taking,
  context: JobContext,
  file: NamedZip,
  report: Report,
  password?: string,
): Promise<void> {
  let others = 0;
  let otherBytes = 0;
  const reportDicom: Report = (item, bytes) => {
    if (item.code === EMPTY_ZIP.code) return;
    if (item.outcome !== 'not-dicom' || item.code === 'dicomdir') return report(item, bytes);
    others++;
    otherBytes += bytes;
  };
  await importZip(ingest, context, file, reportDicom, password);
  const reason = `This program unpacks itself; ${others} of the files in it are no DICOM files.`;
  report({ path: file.label, outcome: 'not-dicom', code: 'self-extracting', reason }, otherBytes);
}

/** By a person, at the disk of the archive. */
export const mayBeMended = (error: unknown): error is LecternError =>
  error instanceof LecternError && (error.code === 'disk-full' || error.code === 'not-written');

/** Where the archive cannot be written the job waits for a person, then tries the same file again. */
async function holding<T>(context: JobContext, take: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await take();
    } catch (error) {
      if (!mayBeMended(error)) throw error;
      await context.hold(error);
    }
  }
}

export function reportOf(file: string, outcome: IngestOutcome): FileReport {
  const { sopInstanceUid, code, reason } = outcome;
  return {
    path: file,
    outcome: outcome.outcome,
    ...(sopInstanceUid !== undefined && { sopInstanceUid }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
  };
}

/** One depth of unpacking is what media come in; more is how bombs are made. */
const INNER_ZIP = {
  code: 'zip-in-zip',
  reason: 'This is a ZIP file inside a ZIP file: unpack the outer one and import this one by itself.',
} as const;
const EMPTY_ZIP = { outcome: 'not-dicom', code: 'zip-empty', reason: 'This ZIP file has no files in it.' } as const;
const refusalInside = (head: Uint8Array): ReturnType<typeof containerRefusal> =>
  beginsAsZip(head) ? INNER_ZIP : containerRefusal(head);

/** What became of a member, and the beginning of it. Rejects with JobStopped in the middle of one too, and keeps nothing of that. */
async function ingestMember(
  ingest: Taking,
  context: JobContext,
  member: ZipMember,
  name: string,
): Promise<{ outcome: IngestOutcome; head: Uint8Array }> {
  const stream = ingest.stream({ path: name });
  let head = Buffer.alloc(0);
  try {
    await member.read(async (bytes) => {
      await context.checkpoint();
      const wanted = CONTAINER_HEAD_BYTES - head.length;
      if (wanted > 0) head = Buffer.concat([head, bytes.subarray(0, wanted)]);
      await stream.write(bytes);
      return stream.wantsMore;
    });
    return { outcome: await stream.finish(), head };
  } catch (error) {
    await stream.abort();
    throw error;
  }
}

export async function importZip(
  ingest: Taking,
  context: JobContext,
  file: NamedZip,
  tell: Report,
  password?: string,
): Promise<void> {
  const { report, uidAt } = withUids(tell);
  const dicomdirs: ListedZip[] = [];
  let isEmpty = true;
  try {
    for await (const member of zipMembers(file.path, password)) {
      isEmpty = false;
      await context.checkpoint();
      const name = `${file.label}!/${member.label}`;
      if (context.isDone(name)) {
        context.skip(name, member.sizeBytes);
        continue;
      }
      try {
        const { outcome, head } = await holding(context, () => ingestMember(ingest, context, member, name));
        if (outcome.code === 'dicomdir') {
          dicomdirs.push({ name, sizeBytes: member.sizeBytes, dicomdir: await dicomdirOf(member) });
          continue;
        }
        const refusal = outcome.outcome === 'not-dicom' ? refusalInside(head) : undefined;
        report(refusal ? { path: name, outcome: 'refused', ...refusal } : reportOf(name, outcome), member.sizeBytes);
      } catch (error) {
        if (!(error instanceof ZipDefect)) throw error;
        report({ path: name, outcome: 'refused', code: error.code, reason: error.message }, 0);
      }
    }
    if (isEmpty) report({ path: file.label, ...EMPTY_ZIP }, 0);
  } catch (error) {
    if (!(error instanceof ZipDefect)) throw error;
    report({ path: file.label, outcome: 'refused', code: error.code, reason: error.message }, 0);
  }
  for (const each of dicomdirs) await compareZip(file, each, uidAt, report);
}

/** Compares a DICOMDIR with what lies beside it in its folder. */
async function compareFolder(
  file: string,
  isAlone: boolean,
  dataDir: string,
  uidAt: (file: string) => string | undefined,
  report: Report,
): Promise<void> {
  const folder = path.dirname(file);
  await reportFileSet(
    {
      file,
      sizeBytes: (await fs.promises.stat(rawPath(file)).catch(() => undefined))?.size ?? 0,
      dicomdir: await readDicomdir(file),
      list: () => filesOf([folder], dataDir),
      uidAt,
      isAlone,
    },
    report,
  );
}

/** Runs a bounded number of tasks at once; the first failure stops further ones and is thrown by the next call. */
class Lanes {
  readonly #limit: number;
  readonly #active = new Set<Promise<void>>();
  #failure: unknown;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts `task` when a lane is free. */
  async run(task: () => Promise<void>): Promise<void> {
    while (this.#active.size >= this.#limit) await Promise.race(this.#active);
    this.check();
    const lane = task()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#active.delete(lane));
    this.#active.add(lane);
  }

  /** Resolves when no task is running. */
  async settled(): Promise<void> {
    while (this.#active.size) await Promise.all(this.#active);
  }

  /** Throws the first failure. */
  check(): void {
    if (this.#failure === undefined) return;
    throw this.#failure instanceof Error ? this.#failure : new LecternError('internal', String(this.#failure));
  }
}
