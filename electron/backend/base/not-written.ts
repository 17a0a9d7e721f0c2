// What the system says of a file that could not be written or used, in words.
import { LecternError } from '#shared/contract/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota of this user is used up',
  EFBIG: 'it is larger than this disk allows',
  EACCES: 'this user lacks the permission',
  EPERM: 'this user lacks the permission',
  EROFS: 'the disk is read-only',
  EIO: 'the disk reports an error',
  ENOTDIR: 'a file is where a folder is meant',
  EEXIST: 'a file is in the way',
  EISDIR: 'a folder is in the way',
  ENOENT: 'its folder is not there',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long for this disk',
  EMFILE: 'too many files are open',
};

/** What a person can do about it; about a full disk it is something else. */
export const SEE_TO_DISK = 'See to its disk and its permissions, then try again.';
const FREE_SPACE = 'Free some space, then try again.';

/** Of the system, as opposed to those of Node (ERR_...) and SQLite. */
export const systemCode = (cause: unknown): string | undefined =>
  cause instanceof Error && 'code' in cause && /^E[A-Z\d]+$/.test(String(cause.code)) ? String(cause.code) : undefined;
const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** Why, in words and by the system's code. */
export function reasonOfSystem(cause: unknown): string {
  const code = systemCode(cause);
  if (code === undefined) return cause instanceof Error ? cause.message : String(cause);
  return `${REASONS[code] ?? 'the system refuses it'} (${code})`;
}

/** A disk that is full, read-only or fails, whatever was to be written. */
export const isOfDisk = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(systemCode(error) ?? '');

/** The failure to write `file` as a LecternError ('disk-full', else 'not-written') that ends with `hint`, `SEE_TO_DISK` for one; another
 * error as it is. */
export const notWritten = (file: string, cause: unknown, hint = ''): unknown => inWords(file, 'written', cause, hint);

/** The same for what was to be opened, made or written: the file or folder that the system names, else `folder`. */
export function notUsable(folder: string, cause: unknown): unknown {
  const file = cause instanceof Error && 'path' in cause && typeof cause.path === 'string' ? cause.path : folder;
  return inWords(file, 'used', cause, SEE_TO_DISK);
}

function inWords(file: string, what: 'written' | 'used', cause: unknown, hint: string): unknown {
  const code = systemCode(cause);
  if (code === undefined || cause instanceof LecternError) return cause;
  const advice = hint === SEE_TO_DISK && isFull(code) ? FREE_SPACE : hint;
  const sentence = `${file} cannot be ${what}: ${reasonOfSystem(cause)}.${advice && ` ${advice}`}`;
  return new LecternError(isFull(code) ? 'disk-full' : 'not-written', sentence, { cause });
}
