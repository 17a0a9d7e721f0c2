// What the system says of a file that could not be written, in words.
import { LecternError } from '#shared/contract/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota of this user is used up',
  EFBIG: 'it is larger than this disk allows',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
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

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** Why, in words and by the system's code. */
export function reasonNotWritten(cause: unknown): string {
  const code = codeOf(cause);
  if (code === undefined) return cause instanceof Error ? cause.message : String(cause);
  return `${REASONS[code] ?? 'the system refuses it'} (${code})`;
}

/** The failure to write `file` as a LecternError ('disk-full', else 'not-written') that ends with `hint`; another error as it is. */
export function notWritten(file: string, cause: unknown, hint = ''): unknown {
  const code = codeOf(cause);
  if (code === undefined || cause instanceof LecternError) return cause;
  const sentence = `${file} cannot be written: ${reasonNotWritten(cause)}.${hint && ` ${hint}`}`;
  return new LecternError(isFull(code) ? 'disk-full' : 'not-written', sentence, { cause });
}
