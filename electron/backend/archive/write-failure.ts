// Failures to write the archive's own files, told apart from what is wrong with a file that comes in by whoever meets them: a worker
// reads the one and writes the other.
import { systemCode } from '#backend/base/not-written.ts';

/** With the system's error code. Its name tells it on this side of a worker too. */
export class WriteFailure extends Error {
  override name = 'WriteFailure';
  readonly code: string;

  constructor(cause: Error, code: string) {
    super(cause.message, { cause });
    this.code = code;
  }
}

export const isWriteFailure = (error: unknown): boolean => error instanceof Error && error.name === 'WriteFailure';

/** What the system says of a file of the archive; every other error as it is. */
export function asWriteFailure(error: unknown): unknown {
  const code = systemCode(error);
  return code !== undefined && error instanceof Error ? new WriteFailure(error, code) : error;
}
