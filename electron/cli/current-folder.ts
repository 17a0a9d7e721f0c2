import { LecternError } from '#shared/contract/errors.ts';

/** The folder that the person stands in. Throws LecternError 'not-found' where it was removed meanwhile. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new LecternError(
      'not-found',
      'The current folder is not there any more: change to another one, then try again.',
      { cause },
    );
  }
}
