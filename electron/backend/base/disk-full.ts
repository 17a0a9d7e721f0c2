import { LecternError } from '#shared/contract/errors.ts';

/** A file system that has no room left, as an error for a person; undefined for every other failure. */
export function diskFullOf(error: unknown): LecternError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  return new LecternError('disk-full', 'The disk of the archive is full. Free some space, then resume.', {
    cause: error,
  });
}
