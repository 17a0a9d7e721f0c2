// What became of one file on its way into the archive.
import { notWritten, reasonOfSystem, SEE_TO_DISK } from '#backend/base/not-written.ts';
import { CUT_REPAIRS, type Repair } from '#shared/dicom/model.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileOutcome } from '#shared/contract/views.ts';
import { CALL_CANCELLED } from '#backend/workers/signs.ts';
import { WorkerFailure, WorkerLost } from '#backend/workers/worker-pool.ts';
import { HELD_LOST } from './ingest-messages.ts';
import type { RefusedFile } from './prepare.ts';
import { isWriteFailure } from './write-failure.ts';

/** Fate of one file, given once it is durable. */
export interface IngestOutcome {
  outcome: FileOutcome;
  sopInstanceUid?: string;
  sopClassUid?: string;
  studyUid?: string;
  seriesUid?: string;
  code?: string;
  reason?: string;
  sizeBytes: number;
}

/** What was not taken in, and where that showed. */
export function outcomeOfRefusal({ refusal, sizeBytes }: RefusedFile): IngestOutcome {
  const { code, detail, tag, offset } = refusal;
  const at = [tag && `attribute (${tag.slice(0, 4)},${tag.slice(4)})`, offset !== undefined && `byte ${offset}`]
    .filter(Boolean)
    .join(', ');
  const outcome = code === 'not-dicom' || code === 'empty' || code === 'dicomdir' ? 'not-dicom' : 'refused';
  return { outcome, code, reason: at ? `${detail} (${at})` : detail, sizeBytes };
}

/** What became of one that is stored, by what had to be repaired in it. */
export function fateOf(repairs: readonly Repair[]): Pick<IngestOutcome, 'outcome' | 'code' | 'reason'> {
  const gravest =
    repairs.find(({ code }) => CUT_REPAIRS.has(code)) ??
    repairs.find(({ code }) => code === 'other-patient') ??
    repairs[0];
  if (!gravest) return { outcome: 'stored' };
  return { outcome: 'repaired', code: gravest.code, reason: repairs.map(({ detail }) => detail).join(' ') };
}

const CONTINUED = 'Of this instance only the beginning was in the archive, cut off; this one took its place.';

/** The same for one that continues what was stored before. */
export function fateOfContinued(repairs: readonly Repair[]): Pick<IngestOutcome, 'outcome' | 'code' | 'reason'> {
  const { outcome, code = 'continued', reason } = fateOf(repairs);
  return { outcome, code, reason: reason === undefined ? CONTINUED : `${CONTINUED} ${reason}` };
}

/** A failure while taking in one file, as that file's outcome; that the archive in `folder` cannot be written is everybody's and goes
 * up. */
export function outcomeOfFailure(error: unknown, folder: string): IngestOutcome {
  if (error instanceof LecternError) throw error;
  if (isWriteFailure(error)) throw notWritten(`The archive in ${folder}`, error, SEE_TO_DISK);
  return outcomeOfUnread(error);
}

export const isCancelled = (error: unknown): boolean => error instanceof WorkerFailure && error.name === CALL_CANCELLED;

/** Whether a worker was lost by another file while it had this one. */
export const isOthersFault = (error: unknown): boolean =>
  error instanceof WorkerLost ? error.isBystander : error instanceof WorkerFailure && error.name === HELD_LOST;

/** A failure to read one file as its outcome; what is not its fault goes up. */
export function outcomeOfUnread(error: unknown): IngestOutcome {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (isOthersFault(error)) {
    return {
      outcome: 'refused',
      code: 'parser-lost',
      reason: 'What read this file was taken away by another one: give it again.',
      sizeBytes: 0,
    };
  }
  if (error instanceof WorkerLost) {
    return {
      outcome: 'refused',
      code: 'parser-lost',
      reason: 'Reading this file took too much time or memory; it was given up.',
      sizeBytes: 0,
    };
  }
  if (code === 'ENOENT')
    return { outcome: 'refused', code: 'absent', reason: 'The file is not there any more.', sizeBytes: 0 };
  if (code === 'EACCES' || code === 'EPERM')
    return { outcome: 'refused', code: 'no-access', reason: 'The file may not be read by this user.', sizeBytes: 0 };
  // Trouble with the index is not this file's fault.
  if (code?.startsWith('SQLITE_') === true) throw error;
  if (code !== undefined || error instanceof WorkerFailure) {
    const reason = `The file could not be read: ${reasonOfSystem(error)}.`;
    return { outcome: 'refused', code: 'unreadable', reason, sizeBytes: 0 };
  }
  throw error;
}
